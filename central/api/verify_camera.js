// A still from the camera goes into the form's file field and off. Without a camera, or this script, the form stays.
"use strict";
const desk = document.getElementById("camera");
if (navigator.mediaDevices) {
  const [start, take] = desk.querySelectorAll("button");
  const video = desk.querySelector("video"), said = desk.querySelector("p");
  const wanted = {facingMode: "environment", width: {ideal: 1920}, height: {ideal: 1080}};
  desk.hidden = false;
  start.addEventListener("click", async () => {
    said.textContent = "";
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({video: wanted});
      await video.play();
    } catch {
      said.textContent = desk.dataset.refused;
      return;
    }
    video.hidden = take.hidden = false;
    start.hidden = true;
    said.textContent = desk.dataset.shown;
    take.focus();
  });
  take.addEventListener("click", () => {
    const still = document.createElement("canvas"), field = document.getElementById("file");
    still.width = video.videoWidth;
    still.height = video.videoHeight;
    still.getContext("2d").drawImage(video, 0, 0);
    still.toBlob(picture => {
      const files = new DataTransfer();
      files.items.add(new File([picture], "still.jpg", {type: picture.type}));
      field.files = files.files;
      video.srcObject.getTracks().forEach(track => track.stop());
      field.form.requestSubmit();
    }, "image/jpeg", 0.92);
  });
}
