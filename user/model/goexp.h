/* e to the x with the very bits that Go's math.Exp gives. */
#ifndef MODEL_GOEXP_H
#define MODEL_GOEXP_H

/*
 * For x <= 0. runtime/pprof scales samples with math.Exp, which on amd64 is assembly of its own
 * (math/exp_amd64.s, the same from Go 1.19 to 1.27) and differs from libm's exp in the last bit for
 * one argument in ten; 1/(1-e^x) makes much of that bit when x is near 0. Elsewhere than on amd64
 * this is libm's exp, where a scaled byte count may differ from Go's by one.
 */
double goexp(double x);

/* The two ways amd64 goes, with fused multiply-add and without; for tests. */
double goexp_fused(double x);
double goexp_plain(double x);

#endif
