// The numbers of a picture in the browser, as yolodash/convolution.py has them. A plane is one number a pixel.

// As grey: one brightness a pixel.
function greyPlane({ data, width, height }) {
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i += 1) {
    values[i] = Math.floor(0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2] + 0.5);
  }
  return { values, width, height };
}

function channelPlane({ data, width, height }, channel) {
  const values = new Float64Array(width * height);
  for (let i = 0; i < values.length; i += 1) values[i] = data[4 * i + channel];
  return { values, width, height };
}

// As as_picture: cut to 0 … 255; signed, 0 is mid-grey.
const shownValue = (value, signed) => Math.floor(Math.min(Math.max(signed ? value / 2 + 128 : value, 0), 255) + 0.5);

// Draw a plane of numbers; tint is the share of red, green and blue in which it is shown.
function paintPlane(canvas, { values, width, height }, { signed = false, tint = [1, 1, 1] } = {}) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  const { data } = image;
  for (let i = 0; i < values.length; i += 1) {
    const shown = shownValue(values[i], signed);
    data[4 * i] = shown * tint[0];
    data[4 * i + 1] = shown * tint[1];
    data[4 * i + 2] = shown * tint[2];
    data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

// The very pixels of the picture that the page sent.
async function pixelsOf({ png, width, height }) {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d", { willReadFrequently: true, colorSpace: "srgb" });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

// A step on a photo's own pixels, the base of those that look at its numbers or filter them.
class PhotoLesson extends Lesson {
  update(component) {
    const { photo } = component.data;
    super.update(component);
    if (this.png === photo.png) return;
    this.png = photo.png;
    pixelsOf(photo).then((image) => { if (this.png === photo.png) this.arrived(image); });
  }

  // The pixels of the photo that is shown now.
  arrived(image) { this.see(image); }

  see(image) {
    this.image = image;
    this.grey = greyPlane(image);
    this.root.classList.add("seen");
    this.paint();
  }
}
