/**
 * Runs one task a key, however many ask for it meanwhile. One who gives up leaves the others their answer;
 * when all have given up, the task is aborted, and whoever asks next starts a new one.
 */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** @throws the signal's reason as soon as it aborts, or what the task throws */
  async run(
    key: string,
    signal: AbortSignal | undefined,
    task: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#start(key, task);
    flight.waiting += 1;
    try {
      return await orAborted(flight.result, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0 && this.#forget(key, flight)) flight.abort.abort();
    }
  }

  #start(key: string, task: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const flight: Flight<T> = { abort, result: task(abort.signal), waiting: 0 };
    this.#flights.set(key, flight);
    const landed = (): unknown => this.#forget(key, flight);
    flight.result.then(landed, landed);
    return flight;
  }

  /** True if it was still in the air. */
  #forget(key: string, flight: Flight<T>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }
}

interface Flight<T> {
  readonly abort: AbortController;
  readonly result: Promise<T>;
  waiting: number;
}

function orAborted<T>(result: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return result;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    result.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });
}
