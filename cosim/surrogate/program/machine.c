/* Runs programs of surrogates: instructions on one memory of doubles, as program.py describes them. */
#include <math.h>
#include <stdint.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3") /* loops over numbers side by side */
#endif
#if defined(COSIM_PART)
#define VISIBLE static
#elif defined(_WIN32)
#define VISIBLE __declspec(dllexport)
#else
#define VISIBLE __attribute__((visibility("default")))
#endif

enum { UNARY, BINARY, CHOICE, MATMUL, REDUCTION, GATHER, N_FIELDS = 10 };

#define EACH(expression)                                                                                              \
    for (int32_t i = 0; i < n; i++)                                                                                   \
        out[i] = (expression);                                                                                        \
    break

static void unary(int32_t operation, int32_t n, double *restrict out, const double *a)
{
    switch (operation) {
    case 0: EACH(-a[i]);
    case 1: EACH(fabs(a[i]));
    case 2: EACH(exp(a[i]));
    case 3: EACH(log(a[i]));
    case 4: EACH(log1p(a[i]));
    case 5: EACH(expm1(a[i]));
    case 6: EACH(tanh(a[i]));
    case 7: EACH(sqrt(a[i]));
    case 8: EACH(asinh(a[i]));
    case 9: EACH(a[i] == 0.0);
    }
}

/* NaN stays NaN, as in numpy. */
#define LEAST(x, y) ((x) < (y) || (x) != (x) ? (x) : (y))
#define LARGEST(x, y) ((x) > (y) || (x) != (x) ? (x) : (y))

static void binary(int32_t operation, int32_t n, double *restrict out, const double *a, int32_t p, const double *b,
                   int32_t q)
{
#define A a[i * p]
#define B b[i * q]
    switch (operation) {
    case 0: EACH(A + B);
    case 1: EACH(A - B);
    case 2: EACH(A * B);
    case 3: EACH(A / B);
    case 4: EACH(LEAST(A, B));
    case 5: EACH(LARGEST(A, B));
    case 6: EACH(A > B);
    case 7: EACH(A >= B);
    case 8: EACH(A < B);
    case 9: EACH(A <= B);
    case 10: EACH(A == B);
    case 11: EACH(A != B);
    case 12: EACH(A != 0.0 && B != 0.0);
    case 13: EACH(A != 0.0 || B != 0.0);
    }
#undef A
#undef B
}

static void product(int32_t m, int32_t k, int32_t n, double *restrict out, const double *a, const double *b)
{
    for (int32_t i = 0; i < m; i++, out += n, a += k) {
        for (int32_t j = 0; j < n; j++)
            out[j] = 0.0;
        for (int32_t l = 0; l < k; l++) {
            const double factor = a[l], *row = b + (int64_t)l * n;
            for (int32_t j = 0; j < n; j++)
                out[j] += factor * row[j];
        }
    }
}

static void reduction(int32_t operation, int32_t n, int32_t length, double *out, const double *a)
{
    for (int32_t i = 0; i < n; i++, a += length) {
        double total = operation == 0 ? 0.0 : a[0];
        for (int32_t j = 0; j < length; j++)
            total = operation == 0 ? total + a[j] : operation == 1 ? LARGEST(total, a[j]) : LEAST(total, a[j]);
        out[i] = total;
    }
}

VISIBLE void cosim_run_program(const int32_t *code, int32_t n_instructions, const int32_t *places, double *memory)
{
    for (const int32_t *c = code, *end = code + (int64_t)n_instructions * N_FIELDS; c < end; c += N_FIELDS) {
        double *out = memory + c[2];
        const double *a = memory + c[3], *b = memory + c[4];
        const int32_t *s = c + 6;
        switch (c[0]) {
        case UNARY: unary(c[1], s[0], out, a); break;
        case BINARY: binary(c[1], s[0], out, a, s[1], b, s[2]); break;
        case CHOICE:
            for (int32_t i = 0; i < s[0]; i++)
                out[i] = a[i] != 0.0 ? b[i] : memory[c[5] + i];
            break;
        case MATMUL: /* operation 1: with the same a each time */
            for (int32_t i = 0; i < s[0]; i++)
                product(s[1], s[2], s[3], out + (int64_t)i * s[1] * s[3], a + (c[1] ? 0 : (int64_t)i * s[1] * s[2]),
                        b + (int64_t)i * s[2] * s[3]);
            break;
        case REDUCTION: reduction(c[1], s[0], s[1], out, a); break;
        case GATHER:
            for (int32_t i = 0; i < s[0]; i++)
                out[i] = memory[places[c[3] + i]];
            break;
        }
    }
}
