// A microphone, drawn as the icons of `ui/icons.ts` are.

const PATH =
  '<rect x="9" y="3.5" width="6" height="11" rx="3" fill="currentColor"/><path d="M5.8 11.5a6.2 6.2 0 0 0 12.4 0"/><path d="M12 17.7v3"/>';
const CROSSED = '<path d="m4.5 4.5 15 15"/>';

export function microphoneIcon(crossed: boolean): SVGSVGElement {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="ipyavatar-icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" aria-hidden="true" focusable="false">${PATH}${crossed ? CROSSED : ""}</svg>`;
  return holder.content.firstElementChild as SVGSVGElement;
}
