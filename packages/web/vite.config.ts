/**
 * Builds the portal into `dist/`. `npm run dev`-style work: start a server on port 8443 and run `npx vite packages/web`.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Writes `.br` files beside scripts and styles, once and as small as can be; the server sends these as they are. */
function precompressed(): Plugin {
  return {
    name: 'precompressed',
    apply: 'build',
    async writeBundle({ dir = '' }) {
      const assets = join(dir, 'assets');
      const wanted = (await readdir(assets)).filter((name) => /\.(?:js|css)$/.test(name));
      const compress = promisify(brotliCompress);
      await Promise.all(
        wanted.map(async (name) => writeFile(join(assets, `${name}.br`), await compress(await readFile(join(assets, name))))),
      );
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), precompressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    // Source maps would carry paths of the machine that built them.
    sourcemap: false,
    target: 'es2023',
    // The icon stays a file of its own: the page's policy for images is its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8443' } },
});
