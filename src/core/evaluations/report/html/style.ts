/** Light and dark by the reader's wish, one column at telephone width, ink-saving in print. */
export const STYLE = `
:root{color-scheme:light dark;--back:light-dark(#fff,#14171c);--ink:light-dark(#1c2128,#e3e7ec);--soft:light-dark(#59636e,#9aa6b2);--line:light-dark(#d4d9df,#343b45);--tint:light-dark(#f5f7f9,#1b2027);--accent:light-dark(#0b5cad,#7cb8f5)}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
h1{font-size:1.7rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.3rem;margin:2.2rem 0 .6rem;padding-top:.6rem;border-top:1px solid var(--line)}h3{font-size:1.05rem;margin:1.2rem 0 .4rem}
a{color:var(--accent)}.skip{position:absolute;left:-99rem}.skip:focus{position:static}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1rem;list-style:none;padding:0;margin:.5rem 0}
.verdict{background:var(--tint);border-left:4px solid var(--accent);padding:.6rem 1rem;border-radius:.25rem}.verdict p{margin:.4rem 0}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:0 2rem}
.facts dl{display:grid;grid-template-columns:minmax(6rem,max-content) minmax(0,1fr);gap:.15rem .8rem;margin:0}dt{color:var(--soft)}dd{margin:0}
.scroll{overflow-x:auto;max-width:100%;margin:.6rem 0}.scroll:focus-visible{outline:2px solid var(--accent)}
table{border-collapse:collapse;width:100%;font-size:.9rem;overflow-wrap:normal}caption{text-align:left;font-weight:600;padding:.3rem 0}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}thead th{background:var(--tint);border-bottom:2px solid var(--line)}tbody th{font-weight:400;min-width:9rem;max-width:26rem;overflow-wrap:anywhere}
.number,.value{font-variant-numeric:tabular-nums}.number{text-align:right}.meaning,.reason,.none{color:var(--soft);font-size:.85em}.meaning{display:block}.reason{display:inline-block;min-width:8rem}
.best{font-weight:700}.best::before{content:'★ '}.metrics dt{font-weight:600;color:inherit}.metrics dd{margin:0 0 .4rem}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr));gap:1rem}
figure{margin:0;padding:.6rem;border:1px solid var(--line);border-radius:.4rem;min-width:0;break-inside:avoid}figcaption{font-size:.85rem;color:var(--soft)}figcaption strong{display:block;color:var(--ink);font-size:.95rem}
svg{display:block;width:100%;height:auto}
summary{cursor:pointer;color:var(--accent);padding:.3rem 0}.notes{color:var(--soft)}.caveat{font-weight:600}
@media print{:root{color-scheme:light}body{max-width:none;padding:0;font-size:10pt}nav,.skip{display:none}.scroll{overflow:visible}tr,.verdict{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}}
`;
