// How the floating picture is moved: dragged, or with the arrow keys; never out of the window.

const STEP_PX = 32;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Where it was moved to, from its corner. */
export interface Offset {
  x: number;
  y: number;
}

export type Move = (x: number, y: number) => void;

/** Moves the element, and keeps it in the window. */
export function createMove(element: HTMLElement, offset: Offset): Move {
  return (x, y) => {
    element.style.translate = `${offset.x}px ${offset.y}px`;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    offset.x += clamp(x, -left, window.innerWidth - right);
    offset.y += clamp(y, -top, window.innerHeight - bottom);
    element.style.translate = `${offset.x}px ${offset.y}px`;
  };
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}

export function listenToDrag(stage: HTMLElement, move: Move, signal: AbortSignal): void {
  let held = { x: 0, y: 0 };
  const drag = ({ clientX: x, clientY: y }: PointerEvent): void => {
    move(x - held.x, y - held.y);
    held = { x, y };
  };
  stage.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0 || (event.target as Element).closest("button, input")) return;
      held = { x: event.clientX, y: event.clientY };
      stage.setPointerCapture(event.pointerId);
      event.preventDefault();
    },
    { signal },
  );
  stage.addEventListener("pointermove", (event) => stage.hasPointerCapture(event.pointerId) && drag(event), { signal });
}

/** Moves it, if that is what the key is for. */
export function takeArrow(event: KeyboardEvent, move: Move): void {
  const arrow = ARROWS[event.key];
  if (!arrow || event.target instanceof HTMLInputElement) return;
  event.preventDefault();
  move(arrow[0] * STEP_PX, arrow[1] * STEP_PX);
}
