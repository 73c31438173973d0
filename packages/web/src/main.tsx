/** Entry of the portal: theme, data, addresses. */
import './shell/going-back.ts';
import { createDOMRenderer, FluentProvider, RendererProvider } from '@fluentui/react-components';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { Refusal } from './api/client.ts';
import { SessionGate } from './session/session-gate.tsx';
import { Jobs } from './shell/jobs.tsx';
import { Notices } from './shell/notices.tsx';
import { Preferred } from './shell/preferred.tsx';
import { Shell } from './shell/shell.tsx';
import { ThemeContext, useThemeChoice } from './shell/theme.ts';
import { TourHost } from './tour/tour-host.tsx';
import './styles.css';

// The server puts a fresh nonce into the page: without it the browser refuses the styles that Fluent makes at run time.
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';
const renderer = createDOMRenderer(document, { styleElementAttributes: { nonce } });

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      // A refusal stays a refusal; a broken connection is tried again.
      retry: (failures, error) => !(error instanceof Refusal) && failures < 3,
    },
  },
});

function Portal() {
  const choice = useThemeChoice();
  return (
    <ThemeContext value={choice}>
      <FluentProvider theme={choice.theme} style={{ height: '100%' }}>
        <Notices>
          <SessionGate>
            <Preferred>
              <Jobs>
                <TourHost>
                  <Shell />
                </TourHost>
              </Jobs>
            </Preferred>
          </SessionGate>
        </Notices>
      </FluentProvider>
    </ThemeContext>
  );
}

const root = document.getElementById('root');
if (!root) throw new Error('The page has no element with the id root.');
createRoot(root).render(
  <StrictMode>
    <RendererProvider renderer={renderer} targetDocument={document}>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <Portal />
        </BrowserRouter>
      </QueryClientProvider>
    </RendererProvider>
  </StrictMode>,
);
