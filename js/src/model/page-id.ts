/** A name for this page that no other page has. */
export function makePageId(): string {
  // `randomUUID` needs a secure context, which a notebook server over plain http is not.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What Python calls the attempt of this number: one per page and attempt. */
export function formatPeerId(page: string, number: number): string {
  return `${page}.${number}`;
}

/** The number of the attempt that a peer's id names. */
export function parsePeerId(id: string): number {
  return Number(id.slice(id.lastIndexOf(".") + 1));
}
