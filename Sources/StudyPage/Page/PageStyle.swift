/// The style sheet of a study's page.
enum PageStyle {
  /// The sheet: light unless the reader's screen asks for dark, and always light on paper.
  static var css: String {
    variables(FigureStyle.light) + FigureStyle.colors(FigureStyle.light)
      + "@media screen and (prefers-color-scheme:dark){"
      + variables(FigureStyle.dark) + FigureStyle.colors(FigureStyle.dark) + "}"
      + FigureStyle.shapes + text + parts + tables + widths + paper
  }

  private static func variables(_ scheme: FigureStyle.Scheme) -> String {
    """
    :root{--page:\(scheme.page);--ink:\(scheme.ink);--faint:\(scheme.faint);
    --rule:\(scheme.grid);--link:\(scheme.arms[0])}
    """
  }

  private static let text = """
    :root{color-scheme:light dark}*{box-sizing:border-box}
    body{margin:0 auto;padding:clamp(1rem,4vw,3.5rem);max-width:76rem;background:var(--page);
    color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",
    sans-serif;font-variant-numeric:tabular-nums lining-nums;overflow-wrap:break-word}
    h1,h2,.conclusion{font-family:ui-serif,Charter,"Iowan Old Style","Palatino Linotype",
    "Noto Serif",Georgia,serif;font-weight:600;line-height:1.2;text-wrap:balance}
    h1{font-size:clamp(1.1rem,2.4vw,1.35rem);margin:0;font-weight:500}
    h2{font-size:1.45rem;margin:0 0 .9rem}
    h3{font-size:1.05rem;margin:1.6rem 0 .5rem}
    .byline{margin:.15rem 0 1.6rem;color:var(--faint);font-size:.875rem}
    .conclusion{font-size:clamp(1.45rem,4.2vw,2.3rem);margin:0 0 1rem;max-width:30em;
    line-height:1.25}
    .notes{margin:0 0 1.6rem;padding:0 0 0 1.1rem;color:var(--faint);max-width:44em}
    .lead,figcaption{max-width:44em}.lead{margin:0 0 1.1rem}
    a{color:var(--link);text-underline-offset:.15em}
    :focus-visible{outline:2px solid var(--link);outline-offset:2px}
    """

  private static let parts = """
    section{margin:3.2rem 0 0;padding:1.3rem 0 0;border-top:1px solid var(--rule)}
    nav ul{list-style:none;margin:1.8rem 0 0;padding:0;display:flex;flex-wrap:wrap;
    gap:.2rem 1.2rem;font-size:.9rem}
    nav a{display:inline-block;padding:.15rem 0}
    .key-figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(14.5rem,1fr));
    gap:1.2rem 2rem;margin:1.6rem 0 0}
    .key-figures div{border-top:2px solid var(--ink);padding-top:.5rem}
    dt{font-size:.875rem;color:var(--faint)}dd{margin:0}
    .figure{font-size:1.5rem;line-height:1.3}.aside{font-size:.875rem;color:var(--faint)}
    figure{margin:0 0 1.6rem;break-inside:avoid}figcaption{font-size:.875rem;color:var(--faint)}
    figcaption b{color:var(--ink);font-weight:600}
    .fig{display:block;max-width:100%;height:auto;width:100%}
    .key{display:inline-block;width:.9em;height:.9em;margin-right:.4em;vertical-align:-.06em}
    .defs{position:absolute;width:0;height:0}
    .arm{display:inline-block;max-width:100%}.panel .arm{margin-right:.7em}
    .pair .fig{max-width:38rem}

    .pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));
    gap:1rem 3rem;align-items:start}
    .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,14.5rem),1fr));
    gap:1.2rem 1.6rem;align-items:end}
    .panels.broad{grid-template-columns:repeat(auto-fill,minmax(min(100%,19rem),1fr));
    align-items:start}
    .panel{margin:0}.panel figcaption{margin-bottom:.2rem;color:var(--ink);line-height:1.35}
    .panel .fig:not(.key){max-width:25rem}
    .legend{list-style:none;padding:0;margin:.4rem 0 .6rem;columns:9rem;font-size:.8125rem}
    .legend li{padding-left:1.3em;text-indent:-1.3em;break-inside:avoid}
    .legend .arm{display:inline}
    .samples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,16rem),1fr));
    gap:1.2rem 2rem}
    .sample h4{margin:0;font-size:.875rem;font-weight:600}
    .sample p{margin:.2rem 0 0;white-space:pre-wrap;font-size:.9375rem;line-height:1.5}
    .sample{break-inside:avoid;min-width:0}
    blockquote{margin:0 0 1.1rem;padding:0;padding-inline-start:1rem;border-inline-start:2px solid var(--faint);
    white-space:pre-wrap;max-width:44em}
    blockquote p{margin:0}[dir=auto]{unicode-bidi:plaintext}
    details{margin:1rem 0 0}summary{cursor:pointer;padding:.3rem 0;color:var(--link)}
    pre{overflow-x:auto;margin:0;padding:1rem;border:1px solid var(--rule);font-size:.875rem;
    line-height:1.6}
    code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono",monospace}
    footer{margin-top:3.2rem;border-top:1px solid var(--rule);color:var(--faint);
    font-size:.875rem}
    """

  private static let tables = """
    .scroll{overflow-x:auto;margin:.6rem 0 0}
    table{border-collapse:collapse;font-size:.875rem;line-height:1.35}
    .caption{color:var(--faint);margin:1.2rem 0 0;font-size:.875rem;max-width:50em}
    th,td{padding:.36rem .8rem;text-align:left;vertical-align:top;white-space:nowrap;
    border-bottom:1px solid var(--rule)}
    thead th{border-bottom:1px solid var(--faint);font-weight:600;vertical-align:bottom}
    tbody th{font-weight:500}td:not(.number){white-space:normal;min-width:8rem}
    .number{text-align:right}
    tr>:first-child{padding-left:0;position:sticky;left:0;background:var(--page)}
    """

  private static let widths = """
    .fig.small,.fig.medium,.legend.small{display:none}
    @media (max-width:64rem){.fig.large{display:none}.fig.medium{display:block}}
    @media (max-width:34rem){.fig.medium,.fig.roomy{display:none}
    .fig.small,.legend.small{display:block}
    tbody th{min-width:8rem;max-width:9.5rem;white-space:normal}
    tr>:first-child{box-shadow:1px 0 var(--rule)}}
    """

  private static let paper = """
    @page{margin:16mm}
    @media print{:root{color-scheme:light}body{padding:0;max-width:none;font-size:10pt}
    nav{display:none}.fig.medium,.fig.roomy{display:block}
    .fig.large,.fig.small,.legend.small{display:none}section{margin-top:1.6rem}
    .scroll,pre{overflow:visible}table{font-size:6.6pt}th,td{padding:.2rem .3rem;white-space:normal}
    tr{break-inside:avoid}thead{display:table-header-group}h2,h3,h4{break-after:avoid}
    pre{white-space:pre-wrap;break-inside:avoid}td:not(.number){min-width:0}.lead{break-after:avoid}
    .panels{grid-template-columns:repeat(3,1fr)}.panels.broad{grid-template-columns:1fr 1fr}
    .pair{grid-template-columns:1fr;gap:1rem}.pair .fig{max-width:13cm}
    table{break-inside:avoid}tr>:first-child{position:static;box-shadow:none}.caption{font-size:8pt}
    .caption{break-after:avoid}details::details-content{content-visibility:visible}
    details table{break-inside:auto}summary{list-style:none;color:inherit}}
    """
}
