// Our icons: 24 by 24, strokes in the text's colour, drawn here so that nothing is fetched.

const PATHS = {
  play: '<path d="M8 5.5v13l10.5-6.5z" fill="currentColor" stroke-linejoin="round"/>',
  power: '<path d="M12 4v8M7 6.8a7.2 7.2 0 1 0 10 0"/>',
  interrupt:
    '<circle cx="12" cy="12" r="8.2"/><rect x="9.2" y="9.2" width="5.6" height="5.6" rx="1" fill="currentColor" stroke="none"/>',
  sound:
    '<path d="M4.5 9.5v5h3.2L12 18.2V5.8L7.7 9.5z" fill="currentColor" stroke-linejoin="round"/><path d="M15.2 9.2a4 4 0 0 1 0 5.6M17.8 6.8a7.4 7.4 0 0 1 0 10.4"/>',
  muted:
    '<path d="M4.5 9.5v5h3.2L12 18.2V5.8L7.7 9.5z" fill="currentColor" stroke-linejoin="round"/><path d="m15.8 9.7 4.6 4.6M20.4 9.7l-4.6 4.6"/>',
  captions:
    '<rect x="3.5" y="5.5" width="17" height="13" rx="2.5"/><path d="M10.6 10.6a2.1 2.1 0 1 0 0 2.8M16.8 10.6a2.1 2.1 0 1 0 0 2.8"/>',
  fullscreen: '<path d="M8.5 4.5h-4v4M15.5 4.5h4v4M8.5 19.5h-4v-4M15.5 19.5h4v-4"/>',
  windowed: '<path d="M4.5 8.5h4v-4M19.5 8.5h-4v-4M4.5 15.5h4v4M19.5 15.5h-4v4"/>',
  follow:
    '<rect x="3.5" y="5" width="17" height="14" rx="2.5"/><rect x="11.5" y="11.2" width="6.6" height="5.2" rx="1" fill="currentColor" stroke="none"/>',
  window:
    '<path d="M11 5.5H6A2.5 2.5 0 0 0 3.5 8v9A2.5 2.5 0 0 0 6 19.5h10a2.5 2.5 0 0 0 2.5-2.5v-4M14.5 4h6v6M20 4.5l-7.5 7.5"/>',
  close: '<path d="m6.5 6.5 11 11M17.5 6.5l-11 11"/>',
  send: '<path d="M12 18.5V6M6.5 11.2 12 5.7l5.5 5.5"/>',
  alert: '<path d="M12 4.2 21 19.3H3z" stroke-linejoin="round"/><path d="M12 10v4.2M12 16.7v.1"/>',
  person:
    '<circle cx="12" cy="8.4" r="4.1" fill="currentColor" stroke="none"/><path d="M3.6 22c.5-5 4-7.6 8.4-7.6s7.9 2.6 8.4 7.6z" fill="currentColor" stroke="none"/>',
} as const;

export type IconName = keyof typeof PATHS;

export function icon(name: IconName): SVGSVGElement {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="ipyavatar-icon" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" aria-hidden="true" focusable="false">${PATHS[name]}</svg>`;
  return holder.content.firstElementChild as SVGSVGElement;
}
