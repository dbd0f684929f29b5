// Not in the handout: what keeps browsers safe on a site that is plain HTTP on a public address.

// Only what works without HTTPS. HSTS, upgrade-insecure-requests or a Secure cookie would break the site, and
// with `Referrer-Policy: no-referrer` browsers would send `Origin: null` with its own forms.
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; img-src 'self'",
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
}

export function addHeaders(reply) {
  return reply.headers(HEADERS)
}

// Browsers name the site that a form was sent from (`null` when they hide it). curl names none, and nobody can
// make curl send a form unawares.
export function isFromAnotherSite({ method, headers: { origin, host } }) {
  if (method === 'GET' || method === 'HEAD' || origin === undefined) return false
  return !URL.canParse(origin) || new URL(origin).host !== host
}
