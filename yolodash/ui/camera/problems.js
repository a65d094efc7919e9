// Why a camera gives no picture, in the words of texts.py; `error` is what getUserMedia refused with.
function cameraProblem(texts, error) {
  if (!navigator.mediaDevices?.getUserMedia) {
    const { hostname, port, protocol } = window.location;
    return fill(texts.camera_insecure, { host: hostname, port: port || (protocol === "https:" ? 443 : 80) });
  }
  if (!error) return "";
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return texts.camera_denied;
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return texts.camera_missing;
  return texts.camera_busy;
}
