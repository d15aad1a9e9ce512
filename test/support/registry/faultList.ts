import type { Handler, Middleware, ServiceRequest } from './http.ts';

export type Matcher = (request: ServiceRequest) => boolean;

/** While it applies, every request that `match` accepts goes through `action`. */
export interface FaultRule {
  readonly match: Matcher;
  readonly action: Middleware;
  /** How many requests it applies to; endless unless given. */
  readonly times?: number;
}

export interface Fault {
  /** Requests that went through it so far. */
  readonly hits: number;
  remove(): void;
}

/** The faults of one service. All rules that match a request apply, the one added first outermost. */
export class FaultList {
  readonly #faults = new Set<ActiveFault>();

  add(rule: FaultRule): Fault {
    const fault: ActiveFault = {
      ...rule,
      hits: 0,
      remove: () => void this.#faults.delete(fault),
    };
    this.#faults.add(fault);
    return fault;
  }

  clear(): void {
    this.#faults.clear();
  }

  wrap(handler: Handler): Handler {
    return (request) => {
      const matching = [...this.#faults].filter(
        (fault) => fault.hits < (fault.times ?? Infinity) && fault.match(request),
      );
      for (const fault of matching) fault.hits++;
      return matching.reduceRight<Handler>((next, fault) => (r) => fault.action(r, next), handler)(request);
    };
  }
}

interface ActiveFault extends FaultRule, Fault {
  hits: number;
}
