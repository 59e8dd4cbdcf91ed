// What the page knows of one model, shared by all its views. UI state: nothing here is synced.

export interface Store<T extends object> {
  get(): Readonly<T>;
  /** Changes some fields; subscribers hear of it once, and only when a value differs. */
  update(patch: Partial<T>): void;
  /** Calls `listener` now and after every change, until `signal` aborts. */
  subscribe(listener: (state: Readonly<T>) => void, signal: AbortSignal): void;
}

export function createStore<T extends object>(initial: T): Store<T> {
  let state = initial;
  const listeners = new Set<(state: Readonly<T>) => void>();
  return {
    get: () => state,
    update(patch) {
      const keys = Object.keys(patch) as Array<keyof T>;
      if (keys.every((key) => Object.is(state[key], patch[key]))) return;
      state = { ...state, ...patch };
      for (const listener of [...listeners]) listener(state);
    },
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
      listener(state);
    },
  };
}
