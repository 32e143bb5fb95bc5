// 4 Portrait: the camera, a shot, or a file.
import { say } from "./words.js";

const by = (id) => document.getElementById(id);

export function mount(desk) {
  const video = by("camera"), preview = by("preview"), file = by("id_photo"), says = by("camera-says");
  let address = "";

  function show() {
    const photo = desk.pictures.photo;
    if (address) URL.revokeObjectURL(address);
    address = photo ? URL.createObjectURL(photo) : "";
    if (photo) preview.src = address; else preview.removeAttribute("src");
    preview.hidden = !photo;
    video.hidden = Boolean(photo) || !video.srcObject;
    says.hidden = Boolean(photo) || Boolean(video.srcObject);
    by("shoot").hidden = Boolean(photo) || !video.srcObject;
    by("retake").hidden = !photo;
    by("open-camera").hidden = Boolean(video.srcObject);
  }

  async function open() {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 960 } });
      show();
    } catch { says.hidden = false; says.textContent = say("camera.denied"); }
  }

  async function shoot() {
    if (!video.srcObject || !video.videoWidth) return;
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth; canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    const blob = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.9); });
    desk.change({ pictures: { photo: blob }, check: null });
    show();
  }

  by("open-camera").addEventListener("click", open);
  by("shoot").addEventListener("click", shoot);
  by("retake").addEventListener("click", () => { desk.change({ pictures: { photo: null }, check: null }); show(); });
  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    file.value = "";
    if (chosen) { desk.change({ pictures: { photo: await desk.shrink(chosen) }, check: null }); show(); }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "F4") { event.preventDefault(); if (video.srcObject && !desk.pictures.photo) shoot(); else open(); }
  });
  desk.on("draft", show);
}
