const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR42mP8z8Dwn4GBgYGJAQoAHxcCAk+Uzr4AAAAASUVORK5CYII='

/** Drawings as programs write them, by the program. Each shows something. */
export const SVG_EXPORTS: Readonly<Record<string, string>> = {
  Illustrator: `<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Adobe Illustrator 16.0.0, SVG Export Plug-In . SVG Version: 6.00 Build 0)  -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
	<!ENTITY ns_extend "http://ns.adobe.com/Extensibility/1.0/">
	<!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/">
	<!ENTITY ns_svg "http://www.w3.org/2000/svg">
	<!ENTITY ns_xlink "http://www.w3.org/1999/xlink">
]>
<svg version="1.1" id="Ebene_1" xmlns:x="&ns_extend;" xmlns:i="&ns_ai;" i:viewOrigin="0 0" i:rulerOrigin="0 0"
	 xmlns="&ns_svg;" xmlns:xlink="&ns_xlink;" x="0px" y="0px" width="120px" height="80px" viewBox="0 0 120 80"
	 enable-background="new 0 0 120 80" xml:space="preserve">
<metadata><sfw xmlns="http://ns.adobe.com/SaveForWeb/1.0/"><slices/></sfw></metadata>
<switch>
	<foreignObject requiredExtensions="&ns_ai;" x="0" y="0" width="1" height="1">
		<i:pgfRef xlink:href="#adobe_illustrator_pgf"></i:pgfRef>
	</foreignObject>
	<g i:extraneous="self">
		<linearGradient id="SVGID_1_" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="120" y2="80">
			<stop offset="0" style="stop-color:#F7931E"/><stop offset="1" style="stop-color:#662D91"/>
		</linearGradient>
		<path fill="url(#SVGID_1_)" d="M10,10h100v60H10z"/>
		<defs><circle id="SVGID_2_" cx="60" cy="40" r="20"/></defs>
		<clipPath id="SVGID_3_"><use xlink:href="#SVGID_2_" overflow="visible"/></clipPath>
		<rect clip-path="url(#SVGID_3_)" fill="#FFFFFF" width="60" height="80"/>
	</g>
</switch>
<i:pgf id="adobe_illustrator_pgf"><![CDATA[eJzlvWlz]]></i:pgf>
</svg>`,
  Inkscape: `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Created with Inkscape (http://www.inkscape.org/) -->
<svg xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#"
   xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:svg="http://www.w3.org/2000/svg"
   xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
   xmlns:sodipodi="http://sodipodi.sourceforge.net/DTD/sodipodi-0.dtd"
   xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
   width="40mm" height="30mm" viewBox="0 0 40 30" version="1.1" id="svg8" inkscape:version="0.92.4"
   sodipodi:docname="/home/ann/secret plan.svg">
  <title id="t">A plan</title>
  <desc>Of the garden</desc>
  <defs id="defs2">
    <linearGradient inkscape:collect="always" id="lg"><stop style="stop-color:#0a0;stop-opacity:1" offset="0"/><stop style="stop-color:#0a0;stop-opacity:0" offset="1"/></linearGradient>
    <radialGradient inkscape:collect="always" xlink:href="#lg" id="rg" cx="20" cy="15" r="14" gradientUnits="userSpaceOnUse"/>
    <inkscape:path-effect effect="spiro" id="pe"/>
    <filter style="color-interpolation-filters:sRGB" id="f"><feGaussianBlur inkscape:collect="always" stdDeviation="0.6"/></filter>
    <marker id="m" orient="auto" overflow="visible"><path d="M0,0 3,-2 3,2z" style="fill:#000" inkscape:connector-curvature="0"/></marker>
  </defs>
  <sodipodi:namedview id="base" pagecolor="#ffffff" inkscape:zoom="1.4" showgrid="false"><inkscape:grid type="xygrid" id="grid"/></sodipodi:namedview>
  <metadata id="md"><rdf:RDF><cc:Work rdf:about=""><dc:format>image/svg+xml</dc:format><dc:creator><cc:Agent><dc:title>Ann</dc:title></cc:Agent></dc:creator></cc:Work></rdf:RDF></metadata>
  <g inkscape:label="Layer 1" inkscape:groupmode="layer" id="layer1" style="display:inline">
    <rect style="opacity:1;fill:url(#rg);stroke:#005500;stroke-width:0.5;filter:url(#f)" width="36" height="26" x="2" y="2" ry="3"/>
    <path style="fill:none;stroke:#000;stroke-width:.4;marker-end:url(#m)" d="M5 25 C 10 5, 25 5, 30 20" sodipodi:nodetypes="cc"/>
    <text xml:space="preserve" style="font-size:4px;font-family:sans-serif" x="6" y="12"><tspan sodipodi:role="line" x="6" y="12">Garten</tspan></text>
  </g>
</svg>`,
  Figma: `<svg width="64" height="64" viewBox="0 0 64 64" fill="none" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<g filter="url(#filter0_d)"><rect x="8" y="8" width="48" height="40" rx="8" fill="url(#pattern0)"/></g>
<mask id="mask0" style="mask-type:alpha" maskUnits="userSpaceOnUse" x="8" y="8" width="48" height="40"><rect x="8" y="8" width="48" height="40" rx="8" fill="#C4C4C4"/></mask>
<g mask="url(#mask0)"><circle cx="52" cy="44" r="16" fill="#F24E1E" style="mix-blend-mode:multiply"/></g>
<defs>
<filter id="filter0_d" x="4" y="8" width="56" height="48" filterUnits="userSpaceOnUse" color-interpolation-filters="sRGB"><feFlood flood-opacity="0" result="b"/><feColorMatrix in="SourceAlpha" type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 127 0"/><feOffset dy="4"/><feGaussianBlur stdDeviation="2"/><feColorMatrix type="matrix" values="0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0.25 0"/><feBlend in2="b" result="c"/><feBlend in="SourceGraphic" in2="c"/></filter>
<pattern id="pattern0" patternContentUnits="objectBoundingBox" width="1" height="1"><use xlink:href="#image0" transform="scale(.5)"/></pattern>
<image id="image0" width="2" height="2" xlink:href="data:image/png;base64,${PNG}"/>
</defs>
</svg>`,
  Sketch: `<?xml version="1.0" encoding="UTF-8"?>
<svg width="48px" height="48px" viewBox="0 0 48 48" version="1.1" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:sketch="http://www.bohemiancoding.com/sketch/ns">
    <!-- Generator: Sketch 3.3.3 (12072) - http://www.bohemiancoding.com/sketch -->
    <title>Icon</title>
    <desc>Created with Sketch.</desc>
    <defs><path d="M0,0 L24,0 L24,24 L0,24 Z" id="path-1"></path></defs>
    <g id="Page-1" stroke="none" stroke-width="1" fill="none" fill-rule="evenodd" sketch:type="MSPage">
        <g sketch:type="MSArtboardGroup" transform="translate(12, 12)"><use fill="#4A90E2" xlink:href="#path-1"></use><polygon fill="#50E3C2" points="12 2 22 22 2 22"></polygon></g>
    </g>
</svg>`,
  'a style sheet': `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><metadata>x</metadata><style type="text/css"><![CDATA[
  .a > rect { fill: #c00 } rect + circle { fill: #0c0 } g:nth-of-type(2) > :first-child { fill: #00c }
  @media (min-width: 1px) { .a { opacity: .8 } }
]]></style><g class="a"><x:y xmlns:x="urn:x"/><rect width="30" height="30"/><circle cx="45" cy="15" r="15"/></g><g><x:y xmlns:x="urn:x"/><rect x="60" width="30" height="30"/></g></svg>`,
  Graphviz: `<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN"
 "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg width="89pt" height="116pt" viewBox="0.00 0.00 89.00 116.00" xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<g id="graph0" class="graph" transform="scale(1 1) rotate(0) translate(4 112)">
<polygon fill="white" stroke="transparent" points="-4,4 -4,-112 85,-112 85,4 -4,4"/>
<g id="node1" class="node"><title>a &amp; b</title><a xlink:href="https://example.com/" xlink:title="a"><ellipse fill="none" stroke="black" cx="27" cy="-90" rx="27" ry="18"/></a></g>
<path fill="none" stroke="black" d="M33,-72C40,-50 48,-40 50,-36"/></g></svg>`,
  'R and matplotlib': `<?xml version='1.0' encoding='UTF-8' ?>
<svg xmlns='http://www.w3.org/2000/svg' class='svglite' width='144.00pt' height='108.00pt' viewBox='0 0 144.00 108.00'>
<defs><style type='text/css'><![CDATA[ .svglite line, .svglite circle { fill: none; stroke: #000000; stroke-linecap: round; } ]]></style></defs>
<defs><clipPath id='cpMHwx'><rect x='10' y='10' width='124' height='88' /></clipPath></defs>
<g clip-path='url(#cpMHwx)'><circle cx='72' cy='54' r='40' style='stroke-width: 1.07; fill: #F8766D;' /><text x='30' y='90' style='font-size: 12.00px; font-family: "DejaVu Sans";' textLength='60px' lengthAdjust='spacingAndGlyphs'>axis</text></g>
</svg>`,
  'a drawing within': `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><image width="60" height="60" href="data:image/svg+xml;utf8,%3Csvg xmlns='http://www.w3.org/2000/svg' width='60' height='60' onload='1'%3E%3C!-- x --%3E%3Ccircle cx='30' cy='30' r='25' fill='teal'/%3E%3C/svg%3E"/></svg>`,
  'entities and prefixes': `<!DOCTYPE s:svg [<!ENTITY c "#8a2be2"><!ENTITY dot '<s:circle cx="15" cy="15" r="10" fill="&c;"/>'>]>
<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 60 30">&dot;<s:g transform="translate(30)">&dot;</s:g></s:svg>`,
  animation: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#ddd"/><circle r="8" cy="20" cx="8"><set attributeName="fill" to="#e00"/><animate attributeName="cx" values="30;30" dur="9s" repeatCount="indefinite"/></circle></svg>`,
}
