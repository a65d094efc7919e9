// A photo's own pixels: the base of the steps that look at its numbers.
class PixelStep extends PhotoLesson {
  arrived(image) {
    this.whole = document.createElement("canvas");
    [this.whole.width, this.whole.height] = [image.width, image.height];
    this.whole.getContext("2d").putImageData(image, 0, 0);
    super.arrived(image);
  }

  // Red, green and blue at a column and a row.
  pixel(x, y) {
    const place = 4 * (y * this.image.width + x);
    return [...this.image.data.slice(place, place + 3)];
  }
}

// A canvas as sharp as the screen; its context in CSS pixels.
function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) {
    [canvas.width, canvas.height] = [w, h];
    [canvas.style.width, canvas.style.height] = [`${width}px`, `${height}px`];
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}

const readable = (brightness) => (brightness > 127 ? "#000" : "#fff");

// A canvas as large as its column and a share of the window allow, without bars beside the picture.
function fitted(canvas, width, height, share) {
  canvas.style.width = `min(100%, ${((100 * share * width) / height).toFixed(1)}vh)`;
}
