/**
 * Builds the portal into `dist/`. `npm run dev`-style work: start a server on port 8443 and run `npx vite packages/web`.
 */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
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
