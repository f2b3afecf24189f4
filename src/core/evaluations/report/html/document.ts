import { Html, html } from './html.js';
import { STYLE } from './style.js';

/** A whole page around its parts: self-contained, in the report's style. */
export function renderDocument(title: string, body: Html): string {
  // The policy makes sure that the page fetches and runs nothing, whatever a column is called.
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}
