import { defineConfig } from 'imgsizes'

// The demo of this repository: `npm run demo` builds it, `npm run demo:serve` answers what is not built.
export default defineConfig({
  // Originals made for the purpose; any folder, s3://bucket/prefix or https://host/path/ would do.
  source: './test/samples/photos',

  // Results, under keys that any static host can serve.
  output: './demo/public/img',

  // Where `imgsizes serve` answers on this machine.
  baseUrl: 'http://localhost:3000/img/',

  // A real site keeps its secret in .env: `imgsizes init` makes a random one. This one is known to everybody.
  secret: process.env.IMGSIZES_SECRET ?? 'imgsizes-demo-secret-not-for-production',

  sizes: {
    // In the text of a page: the browser takes the width that fits.
    content: { widths: [320, 640, 1280] },

    // In a list: cropped to where the eye goes, and twice as dense for sharp screens.
    card: { width: 400, height: 300, fit: 'cover', position: 'attention', densities: [1, 2] },

    // For some pictures alone.
    avatar: { width: 96, height: 96, match: 'avatars/**' },
  },
})
