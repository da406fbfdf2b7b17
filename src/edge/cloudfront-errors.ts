/** Errors that CloudFront would keep for ten seconds by itself. */
export const CLOUDFRONT_ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]
