/**
 * The weights of SSIMULACRA2 2.1 (Cloudinary's `ssimulacra2.cc`, BSD): facts of the metric, found by its authors with
 * 22,000 rated pictures. By channel (X, Y, B), scale, norm (mean, fourth root of the mean fourth power) and map
 * (structural difference, artifacts, lost detail), in this order.
 */
const WEIGHTS: readonly number[] = [
  0, 0.0007376606707406586, 0, 0, 0.0007793481682867309, 0, 0, 0.0004371155730107379, 0, 1.1041726426657346,
  0.00066284834129271, 0.00015231632783718752, 0, 0.0016406437456599754, 0, 1.8422455520539298,
  11.441172603757666, 0, 0.0007989109436015163, 0.000176816438078653, 0, 1.8787594979546387,
  10.94906990605142, 0, 0.0007289346991508072, 0.9677937080626833, 0, 0.00014003424285435884,
  0.9981766977854967, 0.00031949755934435053, 0.0004550992113792063, 0, 0, 0.0013648766163243398, 0, 0, 0, 0,
  0, 7.466890328078848, 0, 17.445833984131262, 0.0006235601634041466, 0, 0, 6.683678146179332,
  0.00037724407979611296, 1.027889937768264, 225.20515300849274, 0, 0, 19.213238186143016,
  0.0011401524586618361, 0.001237755635509985, 176.39317598450694, 0, 0, 24.43300999870476,
  0.28520802612117757, 0.0004485436923833408, 0, 0, 0, 34.77906344483772, 44.835625328877896, 0, 0, 0, 0, 0,
  0, 0, 0, 0.0008680556573291698, 0, 0, 0, 0, 0, 0.0005313191874358747, 0, 0.00016533814161379112, 0, 0, 0, 0,
  0, 0.0004179171803251336, 0.0017290828234722833, 0, 0.0020827005846636437, 0, 0, 8.826982764996862,
  23.19243343998926, 0, 95.1080498811086, 0.9863978034400682, 0.9834382792465353, 0.0012286405048278493,
  171.2667255897307, 0.9807858872435379, 0, 0, 0, 0.0005130064588990679, 0, 0.00010854057857840537,
]

/** Structural difference, artifacts, lost detail. */
export const MAPS = 3
/** The mean of a map, and the fourth root of the mean of its fourth power. */
export const NORMS = 2

/** Smaller weights are ignored: all of them together change no score by 0.01, but cost half of the work. */
const LEAST_WEIGHT = 0.003

/** With fewer `scales` than six, the weights move up, as in the original. */
export const weightOf = (place: {
  readonly channel: number
  readonly scale: number
  readonly scales: number
  readonly norm: number
  readonly map: number
}): number => {
  const index = ((place.channel * place.scales + place.scale) * NORMS + place.norm) * MAPS + place.map
  const weight = WEIGHTS[index] ?? 0
  return weight < LEAST_WEIGHT ? 0 : weight
}

/** Whether anything of a channel counts at a scale. */
export const isWeighed = (channel: number, scale: number, scales: number): boolean => {
  for (let norm = 0; norm < NORMS; norm++)
    for (let map = 0; map < MAPS; map++) if (weightOf({ channel, scale, scales, norm, map }) > 0) return true
  return false
}
