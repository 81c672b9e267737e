/**
 * Weights as the smallest whole numbers of the same proportion, made smaller until their sum is at most `most`;
 * never less than 1 each.
 */
export function scaledWeights(
  backends: readonly { readonly weight: number }[],
  most: number,
): number[] {
  const weights = backends.map(({ weight }) => weight);
  const common = weights.reduce(greatestCommonDivisor, 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total / common <= most) return weights.map((weight) => weight / common);
  return weights.map((weight) => Math.max(1, Math.floor((weight / total) * most)));
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
