// Floating point: series, roots, a matrix, and what printf makes of the results.
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

static double integrate(double (*f)(double), double from, double to, int steps) {
  double sum = 0, width = (to - from) / steps;
  for (int i = 0; i < steps; i++) sum += f(from + (i + 0.5) * width) * width;
  return sum;
}

static double bell(double x) { return exp(-x * x); }

int main(void) {
  printf("%.15g %.15g\n", integrate(bell, -6, 6, 2000) * integrate(bell, -6, 6, 2000), M_PI);
  printf("%a %e %g\n", sqrt(2), DBL_MIN, pow(3, 200));
  double m[12][12], det = 1;
  for (int i = 0; i < 12; i++)
    for (int j = 0; j < 12; j++) m[i][j] = 1.0 / (i + j + 1) + (i == j);
  for (int k = 0; k < 12; k++) {
    det *= m[k][k];
    for (int i = k + 1; i < 12; i++)
      for (int j = 11; j >= k; j--) m[i][j] -= m[k][j] * m[i][k] / m[k][k];
  }
  printf("%.12f\n", det);
  for (int i = -4; i < 5; i++)
    printf("%d %.3f %lld %u\n", i, remainder(i * 1.7, 0.6), (long long)(i * 1e9), (uint8_t)i);
  float f = 0;
  for (int i = 1; i < 100000; i++) f += 1.0f / i;
  printf("%.9g %d\n", f, isnan(nan("")) && isinf(1 / 0.0 * f));
  return 0;
}
