/** Gives files to the browser's downloads. */

export function downloadText(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  download(name, address);
  URL.revokeObjectURL(address);
}

/** What is at an address of this server, as a file of this name. */
export function download(name: string, address: string): void {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
