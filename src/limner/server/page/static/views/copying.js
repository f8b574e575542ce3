/** Puts text and pictures where they can be pasted from, and says so. */
import { tell } from "../state/notices.js";
import { t } from "../state/words.js";

/** @param {string} text */
export function copyText(text) {
  return copied(() => navigator.clipboard.writeText(text));
}

/** The picture at an address; what is pasted from knows PNG alone. @param {string} address */
export function copyPicture(address) {
  return copied(() => navigator.clipboard.write([new ClipboardItem({ "image/png": png(address) })]));
}

/** @param {string} address */
async function png(address) {
  const data = await (await fetch(address)).blob();
  if (data.type === "image/png") return data;
  const picture = await createImageBitmap(data);
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  canvas.getContext("2d")?.drawImage(picture, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** @param {() => Promise<void>} work */
async function copied(work) {
  try {
    await work();
    tell(t("copied"));
  } catch {
    tell(t("error.copy"), { wrong: true });
  }
}
