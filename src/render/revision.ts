/**
 * The revision of what this renderer draws. Whoever changes what is seen in a result (the resampling, the quality
 * table, the attention point, where padding falls) raises it; part of every encoder version, so that the next
 * build makes again what an older program made.
 */
export const RENDER_REVISION = 1
