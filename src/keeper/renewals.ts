/** How many moments are remembered of a hold that is renewed for days. */
const MOST = 32;

/** When a lease was renewed, thinned evenly: of a long hold every second renewal, of a longer one every fourth, and so on. */
export class Renewals {
  #times: number[] = [];
  #every = 1;
  #count = 0;

  add(ms: number): void {
    if (this.#count % this.#every === 0) this.#times.push(ms);
    this.#count += 1;
    if (this.#times.length <= MOST) return;
    this.#times = this.#times.filter((_, index) => index % 2 === 0);
    this.#every *= 2;
  }

  get times(): readonly number[] {
    return this.#times;
  }
}
