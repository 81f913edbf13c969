/* One layer of Native Hybrid Attention as the plain scan of reference.py, forward and backward, f32, for one thread.
 * The slots of a head stay in the first-level cache; nothing is copied or transposed in torch.
 *
 * rows [B, T, S] = q [H, D] | k [H, D] | v [H, D] | z [H, M] (z only with slots); out [B, T, H D]. Query heads = key heads.
 * Saved for the way back: p [B, H, T, M + W] (window part: index M + (j - t + W - 1)), states [B, H, T/N, 2, D M].
 * begin [B, H, 2, D M] or NULL: slots carried from a segment before, whose window was emptied into them; no gradient goes there.
 * finish, the same shape, or NULL: the slots behind the last token, with the window emptied into them.
 * Inside: K as [D, M], V as [M, D], so that every inner loop runs over neighbours.
 * gcc -O3 -march=native -ffast-math -shared -fPIC; compiled by scan.py.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifndef D
#define D 64
#endif
#ifndef M
#define M 32
#endif
#define N 32
#define HALF (D / 2)
#define PAD 24

typedef float *restrict row;

static float *take(size_t count) { float *p = aligned_alloc(64, (count * 4 + 127) / 64 * 64); memset(p, 0, count * 4); return p; }

static void rotate(const float *x, const float *c, const float *s, float scale, float *y) {
  for (int i = 0; i < HALF; i++) {
    y[i] = (x[i] * c[i] - x[i + HALF] * s[i]) * scale;
    y[i + HALF] = (x[i] * s[i] + x[i + HALF] * c[i]) * scale;
  }
}

/* alpha = exp(logsigmoid(z) / tau); slope = d alpha / d z */
static void gates(const float *z, float tau, float *alpha, float *slope) {
  for (int m = 0; m < M; m++) {
    float e = expf(-fabsf(z[m])), log_sigmoid = (z[m] < 0 ? z[m] : 0) - log1pf(e), sigmoid = expf(log_sigmoid);
    alpha[m] = expf(log_sigmoid / tau);
    slope[m] = alpha[m] * (1 - sigmoid) / tau;
  }
}

static void fold(row K, row V, const float *alpha, const float *k, const float *v) {
  for (int d = 0; d < D; d++)
    for (int m = 0; m < M; m++) K[d * M + m] = alpha[m] * K[d * M + m] + (1 - alpha[m]) * k[d];
  for (int m = 0; m < M; m++)
    for (int d = 0; d < D; d++) V[m * D + d] = alpha[m] * V[m * D + d] + (1 - alpha[m]) * v[d];
}

void forward(long B, long H, long T, long W, long slots, float tau, const float *rows, const float *cosines, const float *sines,
             const float *begin, float *out, float *saved_p, float *states, float *finish) {
  long S = 3 * H * D + slots * H * M, L = T + PAD, P = (slots ? M : 0) + W, off = slots ? M : 0;
  float scale = 1 / sqrtf(D);
  float *rk = take(D * L), *score = take(P + 16), *K = take(D * M), *V = take(D * M), *alpha = take(T * M);
  for (long b = 0; b < B; b++) for (long h = 0; h < H; h++) {
    const float *base = rows + b * T * S + h * D;
    float rq[D], slope[M];
    for (long t = 0; t < T; t++) {
      float tmp[D];
      rotate(base + t * S + H * D, cosines + t * HALF, sines + t * HALF, 1, tmp);
      for (int d = 0; d < D; d++) rk[d * L + t] = tmp[d];
      if (slots) gates(rows + b * T * S + t * S + 3 * H * D + h * M, tau, alpha + t * M, slope);
    }
    if (begin) {
      const float *s = begin + (b * H + h) * 2 * D * M;
      memcpy(K, s, D * M * 4); memcpy(V, s + D * M, D * M * 4);
    } else { memset(K, 0, D * M * 4); memset(V, 0, D * M * 4); }
    for (long t = 0; t < T; t++) {
      const float *x = base + t * S;
      float *p = saved_p + ((b * H + h) * T + t) * P;
      float *o = out + (b * T + t) * H * D + h * D, sum = 0, top = -1e30f;
      if (slots) {
        if (t % N == 0) {
          float *s = states + ((b * H + h) * ((T + N - 1) / N) + t / N) * 2 * D * M;
          memcpy(s, K, D * M * 4); memcpy(s + D * M, V, D * M * 4);
        }
        if (t >= W) fold(K, V, alpha + (t - W) * M, x - W * S + H * D, x - W * S + 2 * H * D);
      }
      rotate(x, cosines + t * HALF, sines + t * HALF, scale, rq);
      memset(p, 0, P * 4); memset(o, 0, D * 4);
      long first = t - W + 1 < 0 ? 0 : t - W + 1, count = W ? t - first + 1 : 0, at = off + W - count;
      int written = slots && (t >= W || begin);
      if (written) {
        float acc[M] = {0};
        for (int d = 0; d < D; d++) for (int m = 0; m < M; m++) acc[m] += x[d] * K[d * M + m];
        for (int m = 0; m < M; m++) { score[m] = acc[m] * scale; top = fmaxf(top, score[m]); }
      }
      row w = score + at;
      for (long j0 = 0; j0 < count; j0 += 32) {
        float acc[32] = {0};
        for (int d = 0; d < D; d++) { const float *kr = rk + d * L + first + j0; for (int j = 0; j < 32; j++) acc[j] += rq[d] * kr[j]; }
        long n = count - j0 < 32 ? count - j0 : 32;
        for (long j = 0; j < n; j++) { w[j0 + j] = acc[j]; top = fmaxf(top, acc[j]); }
      }
      if (written) for (int m = 0; m < M; m++) { p[m] = expf(score[m] - top); sum += p[m]; }
      for (long j = 0; j < count; j++) { p[at + j] = expf(w[j] - top); sum += p[at + j]; }
      float r = 1 / sum;
      float acc[D] = {0};
      if (written) for (int m = 0; m < M; m++) { p[m] *= r; for (int d = 0; d < D; d++) acc[d] += p[m] * V[m * D + d]; }
      const float *v = base + first * S + 2 * H * D;
      for (long j = 0; j < count; j++, v += S) { float pj = p[at + j] *= r; for (int d = 0; d < D; d++) acc[d] += pj * v[d]; }
      memcpy(o, acc, D * 4);
    }
    if (slots && finish) {
      for (long t = T - W < 0 ? 0 : T - W; t < T; t++) fold(K, V, alpha + t * M, base + t * S + H * D, base + t * S + 2 * H * D);
      float *s = finish + (b * H + h) * 2 * D * M;
      memcpy(s, K, D * M * 4); memcpy(s + D * M, V, D * M * 4);
    }
  }
  free(rk); free(score); free(K); free(V); free(alpha);
}

void backward(long B, long H, long T, long W, long slots, float tau, const float *rows, const float *cosines, const float *sines,
              const float *begin, const float *out, const float *saved_p, const float *states, const float *dout, float *drows) {
  long S = 3 * H * D + slots * H * M, L = T + PAD, P = (slots ? M : 0) + W, off = slots ? M : 0;
  float scale = 1 / sqrtf(D);
  float *rk = take(T * D), *vt = take(D * L), *drk = take(T * D), *ds = take(P + 48), *alpha = take(T * M), *slope = take(T * M);
  float *Ks = take((N + 1) * D * M), *Vs = take((N + 1) * D * M), *dK = take(D * M), *dV = take(D * M);
  for (long b = 0; b < B; b++) for (long h = 0; h < H; h++) {
    const float *base = rows + b * T * S + h * D;
    float *dbase = drows + b * T * S + h * D, rq[D];
    memset(drk, 0, T * D * 4); memset(dK, 0, D * M * 4); memset(dV, 0, D * M * 4);
    for (long t = 0; t < T; t++) {
      rotate(base + t * S + H * D, cosines + t * HALF, sines + t * HALF, 1, rk + t * D);
      for (int d = 0; d < D; d++) vt[d * L + t] = base[t * S + 2 * H * D + d];
      if (slots) gates(rows + b * T * S + t * S + 3 * H * D + h * M, tau, alpha + t * M, slope + t * M);
    }
    for (long c = (T - 1) / N; c >= 0; c--) {
      long end = (c + 1) * N < T ? (c + 1) * N : T;
      if (slots) {                                                       /* the states of this chunk again: Ks[0] before, Ks[i+1] after token i */
        const float *s = states + ((b * H + h) * ((T + N - 1) / N) + c) * 2 * D * M;
        memcpy(Ks, s, D * M * 4); memcpy(Vs, s + D * M, D * M * 4);
        for (long t = c * N; t < end; t++) {
          float *K = Ks + (t - c * N + 1) * D * M, *V = Vs + (t - c * N + 1) * D * M;
          memcpy(K, K - D * M, D * M * 4); memcpy(V, V - D * M, D * M * 4);
          if (t >= W) fold(K, V, alpha + (t - W) * M, base + (t - W) * S + H * D, base + (t - W) * S + 2 * H * D);
        }
      }
      for (long t = end - 1; t >= c * N; t--) {
        const float *x = base + t * S, *p = saved_p + ((b * H + h) * T + t) * P;
        const float *o = out + (b * T + t) * H * D + h * D, *g = dout + (b * T + t) * H * D + h * D;
        float *dx = dbase + t * S, drq[D] = {0}, mean = 0;
        long first = t - W + 1 < 0 ? 0 : t - W + 1, count = W ? t - first + 1 : 0, at = off + W - count;
        int written = slots && (t >= W || begin);
        rotate(x, cosines + t * HALF, sines + t * HALF, scale, rq);
        for (int d = 0; d < D; d++) mean += g[d] * o[d];
        row dw = ds + at;
        for (long j0 = 0; j0 < count; j0 += 32) {
          float acc[32] = {0};
          for (int d = 0; d < D; d++) { const float *vr = vt + d * L + first + j0; for (int j = 0; j < 32; j++) acc[j] += g[d] * vr[j]; }
          long n = count - j0 < 32 ? count - j0 : 32;
          for (long j = 0; j < n; j++) dw[j0 + j] = p[at + j0 + j] * (acc[j] - mean);
        }
        float *dv = dbase + first * S + 2 * H * D;
        for (long j = 0; j < count; j++, dv += S) {
          float a = dw[j], pj = p[at + j];
          const float *kj = rk + (first + j) * D; row dkj = drk + (first + j) * D; row dvj = dv;
          for (int d = 0; d < D; d++) { drq[d] += a * kj[d]; dkj[d] += a * rq[d]; dvj[d] += pj * g[d]; }
        }
        float back[D];                                                   /* rotation is orthogonal: its transpose undoes it */
        const float *cs = cosines + t * HALF, *sn = sines + t * HALF;
        for (int i = 0; i < HALF; i++) {
          back[i] = (drq[i] * cs[i] + drq[i + HALF] * sn[i]) * scale;
          back[i + HALF] = (drq[i + HALF] * cs[i] - drq[i] * sn[i]) * scale;
        }
        if (written) {
          const float *K = Ks + (t - c * N + 1) * D * M, *V = Vs + (t - c * N + 1) * D * M, *K0 = K - D * M, *V0 = V - D * M;
          float a[M], dalpha[M] = {0};
          int folded = t >= W;
          for (int m = 0; m < M; m++) {
            float dp = 0;
            for (int d = 0; d < D; d++) { dp += g[d] * V[m * D + d]; dV[m * D + d] += p[m] * g[d]; }
            a[m] = p[m] * (dp - mean) * scale;
          }
          if (!folded) {                                                   /* read from what was carried: nothing was folded at t */
            for (int d = 0; d < D; d++) {
              float dq = 0; row dKd = dK + d * M; const float *Kd = K + d * M;
              for (int m = 0; m < M; m++) { dq += a[m] * Kd[m]; dKd[m] += a[m] * x[d]; }
              back[d] += dq;
            }
          } else {
            const float *al = alpha + (t - W) * M, *k = x - W * S + H * D, *v = x - W * S + 2 * H * D;
            float *dk = dx - W * S + H * D, *dvo = dx - W * S + 2 * H * D;
            for (int d = 0; d < D; d++) {
              float dq = 0, into = 0;
              row dKd = dK + d * M; const float *Kd = K + d * M, *K0d = K0 + d * M; float xd = x[d], kd = k[d];
              for (int m = 0; m < M; m++) {
                dq += a[m] * Kd[m];
                float e = dKd[m] + a[m] * xd;
                dalpha[m] += e * (K0d[m] - kd);
                into += (1 - al[m]) * e;
                dKd[m] = al[m] * e;
              }
              back[d] += dq; dk[d] += into;
            }
            for (int m = 0; m < M; m++) {
              float sum = 0; row dVm = dV + m * D; const float *V0m = V0 + m * D;
              for (int d = 0; d < D; d++) { float e = dVm[d]; sum += e * (V0m[d] - v[d]); dvo[d] += (1 - al[m]) * e; dVm[d] = al[m] * e; }
              drows[b * T * S + (t - W) * S + 3 * H * D + h * M + m] = (dalpha[m] + sum) * slope[(t - W) * M + m];
            }
          }
        }
        for (int d = 0; d < D; d++) dx[d] = back[d];
      }
    }
    for (long t = 0; t < T; t++) {
      float *dk = dbase + t * S + H * D;
      const float *r = drk + t * D, *cs = cosines + t * HALF, *sn = sines + t * HALF;
      for (int i = 0; i < HALF; i++) {
        dk[i] += r[i] * cs[i] + r[i + HALF] * sn[i];
        dk[i + HALF] += r[i + HALF] * cs[i] - r[i] * sn[i];
      }
    }
  }
  free(rk); free(vt); free(drk); free(ds); free(alpha); free(slope); free(Ks); free(Vs); free(dK); free(dV);
}
