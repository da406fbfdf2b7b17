/**
 * The names of imgproxy's options, without their meaning (`url/imgproxy-options.ts`): used to find typing mistakes in
 * the presets of a configuration.
 */

/** The options that are read, by their long names, with their short ones. */
export const READ_OPTIONS = {
  resize: ['rs'],
  size: ['s'],
  resizing_type: ['rt'],
  width: ['w'],
  height: ['h'],
  'min-width': ['mw'],
  'min-height': ['mh'],
  zoom: ['z'],
  dpr: [],
  enlarge: ['el'],
  extend: ['ex'],
  gravity: ['g'],
  crop: ['c'],
  quality: ['q'],
  format_quality: ['fq'],
  max_bytes: ['mb'],
  format: ['f', 'ext'],
  background: ['bg'],
  blur: ['bl'],
  sharpen: ['sh'],
  pixelate: ['pix'],
  rotate: ['rot'],
  flip: ['fl'],
  auto_rotate: ['ar'],
  trim: ['t'],
  padding: ['pd'],
  watermark: ['wm'],
  strip_metadata: ['sm'],
  keep_copyright: ['kcr'],
  strip_color_profile: ['scp'],
  cachebuster: ['cb'],
  expires: ['exp'],
  filename: ['fn'],
  return_attachment: ['att'],
  raw: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** The long name of an option that is read. */
export type ReadOptionName = keyof typeof READ_OPTIONS

/** The names under which a URL uses presets. */
export const PRESET_NAMES: readonly string[] = ['preset', 'pr']

/** Options that no key can express, also those of imgproxy Pro: a URL with one of them is refused. */
const REFUSED_OPTIONS =
  'skip_processing skp enforce_thumbnail eth extend_aspect_ratio extend_ar exar max_src_resolution msr ' +
  'max_src_file_size msfs max_animation_frames maf max_animation_frame_resolution mafr max_result_dimension mrd ' +
  'resizing_algorithm ra objects_position obj_pos op crop_aspect_ratio crop_ar car background_alpha bga adjust a ' +
  'brightness br contrast co saturation sa monochrome mc duotone dt unsharp_masking unsharpening ush ' +
  'blur_areas ba blur_detections bd draw_detections dd crop_objects cro colorize col gradient gr watermark_url wmu ' +
  'watermark_text wmt watermark_size wms watermark_rotate wm_rot wmr watermark_shadow wmsh style st dpi ' +
  'color_profile cp icc autoquality aq jpeg_options jpgo png_options pngo webp_options webpo avif_options avifo ' +
  'jxl_options jxlo page pg pages pgs disable_animation da video_thumbnail_second vts ' +
  'video_thumbnail_keyframes vtk video_thumbnail_tile vtt video_thumbnail_animation vta fallback_image_url fiu ' +
  'hashsum hs preserve_hdr ph'

/** Every name of an option of imgproxy. */
export const IMGPROXY_NAMES: ReadonlySet<string> = new Set([
  ...Object.entries(READ_OPTIONS).flatMap(([name, others]) => [name, ...others]),
  ...PRESET_NAMES,
  ...REFUSED_OPTIONS.split(' '),
])
