/** Whether this is the portal or a sensor's own console: the page says so, so that everything knows from the start. */
export const isSensorConsole = document.querySelector<HTMLMetaElement>('meta[name="annunciator-console"]')?.content === 'sensor';
/** Whether the data are those of the demo plant. */
export const isDemo = document.querySelector<HTMLMetaElement>('meta[name="annunciator-data"]')?.content === 'demo';
