/** The three products that a network and its gradients are made of, on row-major matrices of 64-bit floats. */

/*
 * 64 bits because JavaScript computes in them: 32-bit arrays are no faster here, and the gradients could not be held
 * to finite differences. Each product takes four rows at once, so that its result is read and written a quarter as
 * often.
 */

/** out (rows, columns) += a (rows, inner) · b (inner, columns). */
export function addProduct(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const to = row * columns;
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const from = row * inner + k;
      const a0 = a[from]!;
      const a1 = a[from + 1]!;
      const a2 = a[from + 2]!;
      const a3 = a[from + 3]!;
      const b0 = k * columns;
      const b1 = b0 + columns;
      const b2 = b1 + columns;
      const b3 = b2 + columns;
      for (let column = 0; column < columns; column++) {
        out[to + column]! +=
          a0 * b[b0 + column]! + a1 * b[b1 + column]! + a2 * b[b2 + column]! + a3 * b[b3 + column]!;
      }
    }
    for (; k < inner; k++) {
      const factor = a[row * inner + k]!;
      for (let column = 0; column < columns; column++) out[to + column]! += factor * b[k * columns + column]!;
    }
  }
}

/** out (rows, columns) += a (rows, inner) · bᵀ, b being (columns, inner). */
export function addProductOfRows(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = row * inner;
    const to = row * columns;
    let column = 0;
    for (; column + 3 < columns; column += 4) {
      const b0 = column * inner;
      const b1 = b0 + inner;
      const b2 = b1 + inner;
      const b3 = b2 + inner;
      let sum0 = 0;
      let sum1 = 0;
      let sum2 = 0;
      let sum3 = 0;
      for (let k = 0; k < inner; k++) {
        const value = a[from + k]!;
        sum0 += value * b[b0 + k]!;
        sum1 += value * b[b1 + k]!;
        sum2 += value * b[b2 + k]!;
        sum3 += value * b[b3 + k]!;
      }
      out[to + column]! += sum0;
      out[to + column + 1]! += sum1;
      out[to + column + 2]! += sum2;
      out[to + column + 3]! += sum3;
    }
    for (; column < columns; column++) {
      let sum = 0;
      for (let k = 0; k < inner; k++) sum += a[from + k]! * b[column * inner + k]!;
      out[to + column]! += sum;
    }
  }
}

/** out (inner, columns) += aᵀ · b, a being (rows, inner) and b (rows, columns). */
export function addProductOfColumns(
  out: Float64Array,
  a: Float64Array,
  b: Float64Array,
  rows: number,
  inner: number,
  columns: number,
): void {
  let row = 0;
  for (; row + 3 < rows; row += 4) {
    const b0 = row * columns;
    const b1 = b0 + columns;
    const b2 = b1 + columns;
    const b3 = b2 + columns;
    for (let k = 0; k < inner; k++) {
      const from = row * inner + k;
      const a0 = a[from]!;
      const a1 = a[from + inner]!;
      const a2 = a[from + 2 * inner]!;
      const a3 = a[from + 3 * inner]!;
      const to = k * columns;
      for (let column = 0; column < columns; column++) {
        out[to + column]! +=
          a0 * b[b0 + column]! + a1 * b[b1 + column]! + a2 * b[b2 + column]! + a3 * b[b3 + column]!;
      }
    }
  }
  for (; row < rows; row++) {
    for (let k = 0; k < inner; k++) {
      const factor = a[row * inner + k]!;
      for (let column = 0; column < columns; column++) {
        out[k * columns + column]! += factor * b[row * columns + column]!;
      }
    }
  }
}
