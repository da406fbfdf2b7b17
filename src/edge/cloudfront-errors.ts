/** Errors that CloudFront would otherwise cache for ten seconds. */
export const CLOUDFRONT_ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]
