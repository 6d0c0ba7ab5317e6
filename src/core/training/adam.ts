/** Adam: moves each parameter against its gradient, by a step that its own history sizes. */

/*
 * Kingma and Ba, "Adam: A Method for Stochastic Optimization", arXiv 1412.6980. The second average forgets faster
 * than usual (0.99), which suits runs of a few hundred steps.
 */
const FIRST = 0.9;
const SECOND = 0.99;
const EPSILON = 1e-8;
/** Longer gradients are cut to this length: one odd batch must not throw the model out of its valley. */
const LONGEST = 1;

export class Adam {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;

  constructor(count: number) {
    this.#mean = new Float64Array(count);
    this.#square = new Float64Array(count);
  }

  /** One step of at most about `rate` in each parameter. */
  step(parameters: Float64Array, gradients: Float64Array, rate: number): void {
    this.#steps++;
    let squares = 0;
    for (let at = 0; at < gradients.length; at++) squares += gradients[at]! * gradients[at]!;
    const cut = Math.min(1, LONGEST / (Math.sqrt(squares) + EPSILON));
    const [mean, square] = [this.#mean, this.#square];
    const warmMean = 1 - FIRST ** this.#steps;
    const warmSquare = 1 - SECOND ** this.#steps;
    for (let at = 0; at < parameters.length; at++) {
      const slope = gradients[at]! * cut;
      mean[at] = FIRST * mean[at]! + (1 - FIRST) * slope;
      square[at] = SECOND * square[at]! + (1 - SECOND) * slope * slope;
      parameters[at]! -= (rate * (mean[at]! / warmMean)) / (Math.sqrt(square[at]! / warmSquare) + EPSILON);
    }
  }
}
