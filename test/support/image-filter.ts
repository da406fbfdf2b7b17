import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Front, startFront } from './front.ts'
import { findProgram, installPackages } from './packages.ts'

const MODULE = '/usr/lib/nginx/modules/ngx_http_image_filter_module.so'

export const installImageFilter = (): Promise<void> =>
  installPackages({
    what: "nginx's image_filter",
    packages: ['nginx', 'libnginx-mod-http-image-filter'],
    programs: ['nginx'],
    files: [MODULE],
  })

/** Debian's nginx with image_filter and secure_link, as sites have set it up for years. */
export const startImageFilter = async (site: {
  readonly folder: string
  readonly originals: string
  readonly port: number
  readonly secret: string
}): Promise<Front> => {
  const folder = join(site.folder, 'nginx')
  mkdirSync(folder)
  writeFileSync(join(folder, 'nginx.conf'), configure({ ...site, folder }))
  const args = ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')]
  return startFront(findProgram('nginx') ?? 'nginx', args, { folder, port: site.port })
}

const configure = (site: { folder: string; originals: string; port: number; secret: string }): string => {
  const { folder, originals, port, secret } = site
  return `load_module ${MODULE};
${process.getuid?.() === 0 ? 'user root;' : ''} daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 64; }
http {
  access_log off; types { image/jpeg jpg; image/png png; image/gif gif; }
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  image_filter_buffer 64M;
  server {
    listen 127.0.0.1:${port};
    location ~ ^/t/(?<w>[\\d-]+)x(?<h>[\\d-]+)/(?<name>.*) {
      secure_link $arg_key; secure_link_md5 "$uri ${secret}";
      if ($secure_link = "") { return 404; }
      alias "${originals}/$name"; image_filter resize $w $h; image_filter_jpeg_quality 85;
    }
    location ~ ^/image/(?<w>\\d+)x(?<h>\\d+)/(?<name>.+) {
      secure_link $arg_auth; secure_link_md5 "$uri ${secret}";
      if ($secure_link = "") { return 404; }
      alias "${originals}/$name"; image_filter crop $w $h; image_filter_jpeg_quality 75;
    }
    location ~ ^/turn/(?<name>.+) { alias "${originals}/$name"; image_filter rotate 90; }
  }
}
`
}
