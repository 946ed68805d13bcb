// Reads {documents: [text, ...], cpl} as JSON, writes what receiptline sends to an ESC/POS printer for each, in hex.
import receiptline from 'receiptline';
import { readFileSync } from 'node:fs';

const { documents, cpl } = JSON.parse(readFileSync(0, 'utf-8'));
const printer = { cpl, encoding: 'gb18030', command: 'escpos', cutting: false };
const sent = documents.map(text => Buffer.from(receiptline.transform(text, printer), 'latin1').toString('hex'));
process.stdout.write(JSON.stringify(sent));
