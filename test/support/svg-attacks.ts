/** What is fetched where an attack works. */
const HIT = '/hit'
const RUN = `new Image().src='${HIT}/run?'+Math.random()`
const IN_URL = RUN.replaceAll("'", '%27')
const HTML = 'http://www.w3.org/1999/xhtml'
const NAMESPACES = `xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:h="${HTML}"`

const encode = (text: string): string => Buffer.from(text).toString('base64')
const bare = (body: string, attributes = ''): string =>
  `<svg ${NAMESPACES} width="100" height="100" ${attributes}>${body}</svg>`
const AREA = '<rect width="100" height="100" fill="red"/>'
const LINKED = (link: string): string => bare(`<a ${link}>${AREA}</a>`)
const PICTURE = 'width="9" height="9"'

/** The known ways in which an SVG runs something, or has something fetched, each by a name. */
export const SVG_ATTACKS: Readonly<Record<string, string>> = {
  // Scripts.
  'a script': bare(`<script>${RUN}</script>`),
  'a script as characters': bare(`<script><![CDATA[${RUN}]]></script>`),
  'a script from elsewhere': bare(`<script href="${HIT}/a.js"/>`),
  'a script from elsewhere, by XLink': bare(`<script xlink:href="${HIT}/a.js"/>`),
  'a script in its address': bare(`<script href="data:text/javascript,${IN_URL}"/>`),
  'a script with a prefix': `<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script>${RUN}</s:script></s:svg>`,
  'a script of a module': bare(`<script type="module">${RUN}</script>`),
  'a script of HTML': bare(`<h:script>${RUN}</h:script>`),
  'a script in metadata': bare(`<metadata><h:script>${RUN}</h:script></metadata>`),
  'a script in a title': bare(`<title><h:script>${RUN}</h:script></title>`),
  'a script in a style of HTML': bare(`<style><![CDATA[</style><script>${RUN}</script>]]></style>`),
  'a script after a title that ends as HTML': bare(
    `<title><![CDATA[</title><script>${RUN}</script>]]></title>`,
  ),
  'a script behind half a comment': bare(`<!--><!----><script>${RUN}</script>`),
  'a script in a switch': bare(`<switch><script>${RUN}</script></switch>`),
  'a script of a symbol that is used': bare(
    `<symbol id="a"><script>${RUN}</script></symbol><use href="#a"/>`,
  ),
  // Handlers.
  onload: bare(AREA, `onload="${RUN}"`),
  'onload of a drawing within': bare(`<svg onload="${RUN}"/>`),
  'onload in capitals, for pages': bare(AREA, `ONLOAD="${RUN}"`),
  'onload, spread over lines': bare(AREA, `onload\n=\n"${RUN}"`),
  'onerror of a picture': bare(`<image href="data:image/png;base64,AAAA" ${PICTURE} onerror="${RUN}"/>`),
  'onload of a picture': bare(`<image href="#a" onload="${RUN}" onerror="${RUN}"/>`),
  'onbegin of an animation': bare(`<animate attributeName="x" dur="1s" onbegin="${RUN}"/>`),
  'onend of an animation': bare(`<set attributeName="x" to="1" dur="1ms" onend="${RUN}"/>`),
  'onrepeat of an animation': bare(
    `<animate attributeName="x" dur="1ms" repeatCount="9" onrepeat="${RUN}"/>`,
  ),
  'onfocus, autofocused': bare(`<g tabindex="0" autofocus="" onfocus="${RUN}">${AREA}</g>`),
  onfocusin: bare(`<a href="#a" autofocus="" onfocusin="${RUN}">${AREA}</a>`),
  onclick: bare(`<g onclick="${RUN}">${AREA}</g>`),
  onmousemove: bare(`<g onmousemove="${RUN}" onpointerover="${RUN}">${AREA}</g>`),
  onanimationstart: bare(
    `<style>@keyframes a{}</style><g style="animation:a 1ms" onanimationstart="${RUN}"/>`,
  ),
  ontransitionend: bare(
    `<style>rect{transition:x 1ms}rect:hover{x:1px}</style><g ontransitionend="${RUN}">${AREA}</g>`,
  ),
  'onunload and its kind': bare(
    AREA,
    `onpageshow="${RUN}" onresize="${RUN}" onscroll="${RUN}" onunload="${RUN}"`,
  ),
  'a handler that an animation sets': bare(`<rect><set attributeName="onload" to="${RUN}"/></rect>`),
  'an XML event': bare(
    `<handler xmlns:ev="http://www.w3.org/2001/xml-events" ev:event="load" type="application/ecmascript">${RUN}</handler>`,
  ),
  // Links.
  'a link that is a script': LINKED(`href="javascript:${RUN}"`),
  'the same by XLink': LINKED(`xlink:href="javascript:${RUN}"`),
  'the same in disguise': LINKED(`href=" &#x1;j&#97;va&#10;scr\tipt&#58;${RUN}"`),
  'the same in capitals': LINKED(`href="JaVaScRiPt:${RUN}"`),
  'a link to a page in its address': LINKED(`href="data:text/html,&lt;script&gt;${RUN}&lt;/script&gt;"`),
  'a link elsewhere': LINKED(`href="${HIT}/link"`),
  'a link of HTML': bare(`<h:a href="javascript:${RUN}">x</h:a>`),
  'a link that becomes a script': bare(`<a><set attributeName="href" to="javascript:${RUN}"/>${AREA}</a>`),
  'a link that becomes one by values': bare(
    `<a><animate attributeName="xlink:href" values="javascript:${RUN}" dur="9s" fill="freeze"/>${AREA}</a>`,
  ),
  'a link that becomes one from afar': bare(
    `<a id="a">${AREA}</a><animate href="#a" attributeName="href" to="javascript:${RUN}" dur="1ms" fill="freeze"/>`,
  ),
  // HTML.
  'foreign content': bare(
    `<foreignObject ${PICTURE}><h:body onload="${RUN}"><h:script>${RUN}</h:script></h:body></foreignObject>`,
  ),
  'a frame in foreign content': bare(
    `<foreignObject ${PICTURE}><h:iframe src="javascript:${RUN}" srcdoc="&lt;script&gt;parent.${RUN}&lt;/script&gt;"/></foreignObject>`,
  ),
  'foreign content in a switch': bare(
    `<switch><foreignObject ${PICTURE}><h:img src="${HIT}/a.png" onerror="${RUN}"/></foreignObject><g/></switch>`,
  ),
  'a frame': bare(`<h:iframe src="${HIT}/frame"/>`),
  'an object': bare(`<h:object data="${HIT}/object"/><h:embed src="${HIT}/embed"/>`),
  'a picture of HTML': bare(`<h:img src="${HIT}/a.png" onerror="${RUN}"/>`),
  'a video': bare(
    `<h:video autoplay="" src="${HIT}/a.mp4" poster="${HIT}/a.png"/><h:audio src="${HIT}/a.mp3"/>`,
  ),
  'a style sheet of HTML': bare(`<h:link rel="stylesheet" href="${HIT}/a.css"/>`),
  'a form': bare(
    `<h:form action="javascript:${RUN}"><h:button autofocus="" onfocus="${RUN}">x</h:button></h:form>`,
  ),
  'a refresh': bare(`<h:meta http-equiv="refresh" content="0;url=${HIT}/refresh"/>`),
  'a base': bare(`<h:base href="${HIT}/"/><image href="a.png" ${PICTURE}/>`),
  // What is fetched.
  'a picture elsewhere': bare(`<image href="${HIT}/a.png" ${PICTURE}/>`),
  'a picture elsewhere, by a base': bare(`<g xml:base="${HIT}/"><image href="a.png" ${PICTURE}/></g>`),
  'a picture that an animation sets': bare(
    `<image ${PICTURE}><set attributeName="href" to="${HIT}/a.png"/></image>`,
  ),
  'a shape elsewhere': bare(`<use href="${HIT}/a.svg#a"/><use xlink:href="${HIT}/b.svg#a"/>`),
  'a shape in an address': bare(
    `<use href="data:image/svg+xml;base64,${encode(bare(`<g id="a"><script>${RUN}</script></g>`))}#a"/>`,
  ),
  'a filter elsewhere': bare(`<rect ${PICTURE} filter="url(${HIT}/a.svg#a)"/>`),
  'a picture of a filter': bare(
    `<filter id="a"><feImage href="${HIT}/a.png"/></filter><rect ${PICTURE} filter="url(#a)"/>`,
  ),
  'a fill elsewhere': bare(`<rect ${PICTURE} fill="url('${HIT}/a.svg#a')"/>`),
  'a mask elsewhere': bare(
    `<rect ${PICTURE} style="mask:url(${HIT}/a.svg#a);mask-image:url(${HIT}/a.png)"/>`,
  ),
  'a gradient elsewhere': bare(
    `<linearGradient id="a" href="${HIT}/a.svg#a"/><rect ${PICTURE} fill="url(#a)"/>`,
  ),
  'a path elsewhere': bare(`<text><textPath href="${HIT}/a.svg#a">x</textPath></text>`),
  'a mouse pointer': bare(`<g style="cursor:url(${HIT}/a.cur),auto">${AREA}</g>`),
  'a style sheet elsewhere': bare(`<style>@import "${HIT}/a.css";</style>`),
  'the same by an address': bare(`<style>@import url(${HIT}/a.css);</style>`),
  'the same behind escapes': bare(`<style>@\\69mport "${HIT}/a.css";</style>`),
  'a background behind escapes': bare(AREA, `style="background:u\\72l(${HIT}/a.png)"`),
  'a background by image-set': bare(AREA, `style="background:image-set('${HIT}/a.png' 1x)"`),
  'a background in a custom property': bare(AREA, `style="--a:url(${HIT}/a.png);background:var(--a)"`),
  'a background in a comment trick': bare(`<style>svg{background:/**/url(/**/${HIT}/a.png)}</style>`),
  'a font elsewhere': bare(
    `<style>@font-face{font-family:a;src:url(${HIT}/a.woff2)}text{font-family:a}</style><text y="9">x</text>`,
  ),
  'a style sheet of XML': `<?xml-stylesheet type="text/css" href="${HIT}/a.css"?>${bare(AREA)}`,
  'a transformation': `<?xml-stylesheet type="text/xsl" href="data:text/xml;base64,${encode(`<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:template match="/"><script xmlns="${HTML}">${RUN}</script></x:template></x:stylesheet>`)}"?>${bare(AREA)}`,
  'an included document': bare(`<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="${HIT}/a.xml"/>`),
  'a picture that is a page': bare(
    `<image href="data:text/html,&lt;script&gt;${RUN}&lt;/script&gt;" ${PICTURE}/>`,
  ),
  'a picture that is a drawing': bare(
    `<image href="data:image/svg+xml;base64,${encode(bare('', `onload="${RUN}"`))}" ${PICTURE}/>`,
  ),
  'a picture that fetches': bare(
    `<image href="data:image/svg+xml;base64,${encode(bare(`<image href="${HIT}/a.png" ${PICTURE}/>`))}" ${PICTURE}/>`,
  ),
  // Entities.
  'an entity that is a script': `<!DOCTYPE svg [<!ENTITY a "&#60;script>${RUN}&#60;/script>">]>${bare('&a;')}`,
  'an entity that is half a tag': `<!DOCTYPE svg [<!ENTITY a '" onload="${RUN}'>]>${bare('<g id="&a;"/>')}`,
  'an entity in the name of a scheme': `<!DOCTYPE svg [<!ENTITY a "script">]>${LINKED(`href="java&a;:${RUN}"`)}`,
  'an entity in a namespace': `<!DOCTYPE svg [<!ENTITY a "${HTML}">]>${bare(`<x:script xmlns:x="&a;">${RUN}</x:script>`)}`,
  'an entity elsewhere': `<!DOCTYPE svg [<!ENTITY a SYSTEM "${HIT}/a.xml">]>${bare('<text>&a;</text>')}`,
  'an attribute by default': `<!DOCTYPE svg [<!ATTLIST svg onload CDATA "${RUN}">]>${bare(AREA)}`,
  'a document type elsewhere': `<!DOCTYPE svg SYSTEM "${HIT}/a.dtd">${bare(AREA)}`,
}
