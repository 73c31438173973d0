/** One alert as a PDF for reports and tickets: what the details page says, on paper. */
import type { AlertComment } from '@annunciator/store/alert-comments';
import type { AlertDecision } from '@annunciator/store/alert-decisions';
import PDFDocument from 'pdfkit';
import type { AlertDetails } from './alert-view.ts';

export interface AlertReport {
  readonly alert: AlertDetails;
  readonly history: readonly AlertDecision[];
  readonly comments: readonly AlertComment[];
  /** Who asked for it, and when in milliseconds since 1970. */
  readonly by: string;
  readonly at: number;
}

type Pdf = InstanceType<typeof PDFDocument>;

const MARGIN = 56;
const GREY = '#5a5a5a';
const COLOURS: Readonly<Record<AlertDetails['severity'], string>> = {
  High: '#a4262c',
  Medium: '#b04d00',
  Low: '#0f5ca8',
  Informational: '#5a5a5a',
  // The sensor's own words.
  Critical: '#a4262c',
  Major: '#b04d00',
  Minor: '#0f5ca8',
  Warning: '#0f5ca8',
};
/** Rows of the violations and of the history that are printed; the rest is counted. */
const MOST_ROWS = 25;

/** The file. Nothing in it is a link or a script: texts of the network stay texts. */
export function alertPdf(report: AlertReport): Promise<Buffer> {
  const { alert } = report;
  const pdf = new PDFDocument({
    size: 'A4',
    margins: { top: MARGIN, left: MARGIN, right: MARGIN, bottom: MARGIN },
    bufferPages: true,
    tagged: true,
    lang: 'en',
    displayTitle: true,
    info: { Title: plain(alert.title), Subject: `Alert ${alert.id}`, Creator: 'Annunciator', CreationDate: new Date(report.at) },
  });
  const parts: Buffer[] = [];
  const done = new Promise<Buffer>((resolve, reject) => {
    pdf.on('data', (part: Buffer) => parts.push(part));
    pdf.on('end', () => resolve(Buffer.concat(parts)));
    pdf.on('error', reject);
  });
  write(pdf, report);
  numberPages(pdf, report);
  pdf.end();
  return done;
}

function write(pdf: Pdf, { alert, history, comments }: AlertReport): void {
  pdf.font('Helvetica').fontSize(9).fillColor(GREY).text('Annunciator · Alert');
  pdf.moveDown(0.3).font('Helvetica-Bold').fontSize(18).fillColor('#1b1b1b').text(plain(alert.title));
  pdf.moveDown(0.2).fontSize(11).fillColor(COLOURS[alert.severity]).text(`${alert.severity}`, { continued: true });
  pdf
    .fillColor('#1b1b1b')
    .font('Helvetica')
    .text(`   ${alert.status}${alert.disposition === 'none' ? '' : `, ${alert.disposition}`}   ${alert.engineName}`);

  heading(pdf, 'What happened');
  paragraph(pdf, alert.message);
  facts(pdf, [
    ['Expected', alert.expected],
    ['Seen', alert.seen],
    ['Frames', alert.frames.slice(0, 20).join(', ') + (alert.frames.length > 20 ? ` and ${alert.frames.length - 20} more` : '')],
    ['Packets', alert.pcap.state === 'available' ? 'captured' : (alert.pcap.reason ?? 'none')],
  ]);

  heading(pdf, 'Facts');
  facts(pdf, [
    ['Source device', endpointText(alert.source)],
    ['Destination device', endpointText(alert.destination)],
    ['Protocol', alert.protocol ?? ''],
    ['Category', alert.category],
    ['Sensor', [alert.sensor, alert.site, alert.zone].filter(Boolean).join(', ')],
    ['First detection', alert.firstDetection],
    ['Last detection', alert.lastDetection],
    ['Detections', String(alert.count)],
    ['Severity at the sensor', alert.sensorSeverity],
    ['Tactics', alert.tactics.map(({ id, name }) => `${name} (${id})`).join(', ')],
    ['Techniques', alert.techniques.map(({ id, name }) => `${name} (${id})`).join(', ')],
    ['ID', alert.id],
  ]);

  if (alert.violations.length > 1) {
    heading(pdf, 'Violations');
    for (const row of alert.violations.slice(0, MOST_ROWS)) {
      const parameters = Object.entries(row.parameters).map(([name, value]) => `${name} ${String(value)}`);
      paragraph(pdf, `${row.lastTime}   ${parameters.join(', ')}   ${row.count} x`);
    }
    rest(pdf, alert.violations.length + alert.violationsDropped - MOST_ROWS);
  }
  if (alert.remediation.length > 0) {
    heading(pdf, 'Remediation steps');
    for (const [at, step] of alert.remediation.entries()) paragraph(pdf, `${at + 1}. ${step}`);
  }
  if (history.length > 0) {
    heading(pdf, 'History');
    for (const { at, who, action, before, after } of history.slice(0, MOST_ROWS))
      paragraph(pdf, `${iso(at)}   ${who ?? 'the system'}   ${action.replace('alert.', '')}   ${before.status} to ${after.status}`);
    rest(pdf, history.length - MOST_ROWS);
  }
  if (comments.length > 0) {
    heading(pdf, 'Comments');
    for (const { at, who, text } of comments) {
      pdf
        .font('Helvetica-Bold')
        .fontSize(9)
        .fillColor(GREY)
        .text(`${plain(who)}, ${iso(at)}`);
      paragraph(pdf, text);
    }
  }
}

function heading(pdf: Pdf, text: string): void {
  pdf.moveDown(1).font('Helvetica-Bold').fontSize(12).fillColor('#1b1b1b').text(text).moveDown(0.3);
}

function paragraph(pdf: Pdf, text: string): void {
  pdf.font('Helvetica').fontSize(10).fillColor('#1b1b1b').text(plain(text), { lineGap: 2 }).moveDown(0.2);
}

function facts(pdf: Pdf, rows: readonly (readonly [name: string, value: string])[]): void {
  const { left } = pdf.page.margins;
  const wide = pdf.page.width - 2 * MARGIN - 130;
  for (const [name, value] of rows) {
    if (value === '') continue;
    const text = plain(value);
    pdf.font('Helvetica').fontSize(10);
    const height = pdf.heightOfString(text, { width: wide, lineGap: 1 });
    if (pdf.y + height > pdf.page.height - MARGIN) pdf.addPage();
    const { y } = pdf;
    pdf.fillColor(GREY).text(name, left, y, { width: 124 });
    pdf.fillColor('#1b1b1b').text(text, left + 130, y, { width: wide, lineGap: 1 });
    pdf.x = left;
    pdf.y = y + height + 4;
  }
}

function rest(pdf: Pdf, count: number): void {
  if (count > 0) paragraph(pdf, `and ${count} more`);
}

function numberPages(pdf: Pdf, { by, at }: AlertReport): void {
  const { start, count } = pdf.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    pdf.switchToPage(start + page);
    // Below the margin, where text would else begin a page of its own.
    pdf.page.margins.bottom = 0;
    const text = `Page ${page + 1} of ${count} · made for ${plain(by)}, ${iso(at)}`;
    pdf
      .font('Helvetica')
      .fontSize(8)
      .fillColor(GREY)
      .text(text, MARGIN, pdf.page.height - 40, { lineBreak: false });
  }
}

function endpointText(end: AlertDetails['source']): string {
  return end ? [end.name, end.ip, end.mac, end.port === null ? null : `port ${end.port}`].filter((part) => part !== null).join(' · ') : '';
}

/** The fonts of every reader know Latin-1; other letters are shown as they are named in Unicode, control characters not at all. */
function plain(text: string): string {
  return text
    .normalize('NFC')
    .replaceAll(/\p{Cc}/gu, ' ')
    .replaceAll(
      /[^\u0020-\u00ff\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026\u20ac]/gu,
      (letter) => `U+${letter.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`,
    );
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
