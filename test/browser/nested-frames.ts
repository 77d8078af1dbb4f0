/**
 * Ways by which a plugin's page may get a document into a frame of its own, most of them in a shadow root. Each is HTML that
 * calls `attempt`, which has `F` (an `iframe` with a document), `T` (the same in a declarative shadow root), `A` (the name of
 * the attribute) and `N` (its text), and a shadow root `closed()`. The document within tells the window that it runs, and makes
 * an RTCPeerConnection.
 */
export interface NestedFrame {
  readonly way: string;
  readonly html: string;
}

/** What the document within says to the window. */
export const RAN = 'a nested document runs';
/** What the page says when its attempt is over, whether it failed or not. */
export const TRIED = 'tried';

const NESTED = `<script>top.postMessage('${RAN}','*');new RTCPeerConnection()</script>`;
const ATTRIBUTE = NESTED.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

const HEAD = `<!doctype html><html lang="en"><title>x</title><body><div id="h"></div><script>
var A='src'+'doc', N=${JSON.stringify(NESTED).replaceAll('</', '<\\/')}, V=${JSON.stringify(ATTRIBUTE)};
var F='<iframe '+A+'="'+V+'"></iframe>';
var T='<div><template shadowrootmode="open" shadowrootclonable shadowrootserializable>'+F+'</template></div>';
var h=document.getElementById('h');
function closed(){return h.attachShadow({mode:'closed'})}
function frame(){return document.createElement('iframe')}
function attempt(work){Promise.resolve().then(work).catch(()=>{}).then(()=>setTimeout(()=>top.postMessage('${TRIED}','*'),400))}
</script>`;

const byScript = (way: string, script: string): NestedFrame => ({
  way,
  html: `${HEAD}<script>attempt(async()=>{${script}})</script>`,
});
const byHtml = (way: string, html: string): NestedFrame => ({
  way,
  html: `${HEAD}${html}<script>attempt(()=>{})</script>`,
});

export const NESTED_FRAMES: readonly NestedFrame[] = [
  byHtml('an iframe', `<iframe srcdoc="${ATTRIBUTE}"></iframe>`),
  byHtml(
    'a declarative shadow root',
    `<div><template shadowrootmode="open"><iframe srcdoc="${ATTRIBUTE}"></iframe></template></div>`,
  ),
  byHtml(
    'a closed declarative shadow root, in capitals',
    `<div><template shadowrootmode="closed"><iframe SrcDoc="${ATTRIBUTE}"></iframe></template></div>`,
  ),
  byHtml(
    'a javascript: address in a declarative shadow root',
    `<div><template shadowrootmode="open"><iframe src="javascript:top.postMessage('${RAN}','*')"></iframe></template></div>`,
  ),
  byScript(
    'a javascript: address',
    `var f=frame();f.src="javascript:top.postMessage('${RAN}','*')";closed().append(f)`,
  ),
  byScript('innerHTML', 'h.innerHTML=F'),
  byScript('outerHTML', 'h.outerHTML=F'),
  byScript('insertAdjacentHTML', "h.insertAdjacentHTML('beforeend',F)"),
  byScript('createContextualFragment', 'closed().append(document.createRange().createContextualFragment(F))'),
  byScript('setHTMLUnsafe', 'h.setHTMLUnsafe(T)'),
  byScript('setHTMLUnsafe of a shadow root', 'closed().setHTMLUnsafe(F)'),
  byScript('parseHTMLUnsafe', 'h.append(...Document.parseHTMLUnsafe(T).body.childNodes)'),
  byScript(
    'parseHTMLUnsafe and importNode',
    'h.append(document.importNode(Document.parseHTMLUnsafe(T).body.firstChild,true))',
  ),
  byScript('document.write', 'document.write(T)'),
  byHtml('document.write while it is parsed', '<script>document.write(T)</script>'),
  byScript('document.write in two pieces', "document.write('<iframe src');document.write('doc=\"'+V+'\"></iframe>')"),
  byScript(
    'document.write in six pieces',
    "document.write('<iframe S');for(const letter of 'RCDOC')document.write(letter);document.write('=\"'+V+'\"></iframe>')",
  ),
  byScript('document.write with two arguments', "document.write('<iframe src','doc=\"'+V+'\"></iframe>')"),
  byHtml(
    'document.write that the page goes on',
    `<script>document.write('<div><template shadowrootmode=open><iframe src')</script>doc="${ATTRIBUTE}"></iframe></template></div>`,
  ),
  byScript(
    'document.write into another document, and adoption',
    "var d=document.implementation.createHTMLDocument('');d.open();d.write('<iframe src');d.write('doc=\"'+V+'\"></iframe>');d.close();closed().append(...d.body.childNodes)",
  ),
  byScript('attachShadow and innerHTML', 'closed().innerHTML=F'),
  byScript(
    'cloning of a declarative shadow root',
    "var x=document.createElement('div');x.setHTMLUnsafe(T);h.append(x.firstChild.cloneNode(true))",
  ),
  byScript(
    'cloning of a shadow root',
    "var x=document.createElement('div');x.attachShadow({mode:'closed',clonable:true}).innerHTML=F;h.append(x.cloneNode(true))",
  ),
  byScript(
    'cloning of a template with a shadow root',
    "var x=document.createElement('template');x.innerHTML='<div></div>';x.content.firstChild.attachShadow({mode:'closed',clonable:true}).innerHTML=F;h.append(x.content.cloneNode(true))",
  ),
  byScript(
    'serialization of a shadow root',
    "var x=document.createElement('div');x.attachShadow({mode:'open',serializable:true}).innerHTML=F;h.setHTMLUnsafe('<div>'+x.getHTML({serializableShadowRoots:true})+'</div>')",
  ),
  byScript('a property', 'var f=frame();f[A]=N;closed().append(f)'),
  byScript('setAttribute', 'var f=frame();f.setAttribute(A,N);closed().append(f)'),
  byScript('setAttributeNS', 'var f=frame();f.setAttributeNS(null,A,N);closed().append(f)'),
  byScript(
    'an attribute node',
    'var f=frame(),a=document.createAttribute(A);a.value=N;f.setAttributeNode(a);closed().append(f)',
  ),
  byScript(
    'an attribute node of another namespace call',
    'var f=frame(),a=document.createAttributeNS(null,A);a.value=N;f.setAttributeNodeNS(a);closed().append(f)',
  ),
  byScript(
    'a named item',
    'var f=frame(),a=document.createAttribute(A);a.value=N;f.attributes.setNamedItem(a);closed().append(f)',
  ),
  byScript(
    'an attribute of another element',
    "var x=document.createElement('div');x.setAttribute(A,N);var a=x.attributes[0];x.removeAttributeNode(a);var f=frame();f.setAttributeNode(a);closed().append(f)",
  ),
  ...['value', 'nodeValue', 'textContent'].map((property) =>
    byScript(
      `an attribute that gets its ${property} later`,
      `var f=frame();f.toggleAttribute(A);closed().append(f);f.attributes[0].${property}=N`,
    ),
  ),
  byScript(
    'adoption from another document',
    "var d=document.implementation.createHTMLDocument('');d.body.innerHTML=F;closed().append(document.adoptNode(d.body.firstChild))",
  ),
  byScript(
    'adoption of a shadow root from another document',
    "var d=document.implementation.createHTMLDocument(''),x=d.createElement('div');x.attachShadow({mode:'closed'}).innerHTML=F;h.append(document.adoptNode(x))",
  ),
  byScript(
    'adoption of an element with the property',
    "var f=document.implementation.createHTMLDocument('').createElement('iframe');f[A]=N;closed().append(f)",
  ),
  byScript(
    'adoption from the document of a template',
    "var f=document.createElement('template').content.ownerDocument.createElement('iframe');f.setAttribute(A,N);closed().append(f)",
  ),
  byScript(
    'adoption of a parsed document',
    "closed().append(...new DOMParser().parseFromString(F,'text/html').body.childNodes)",
  ),
  byScript(
    'adoption of parsed XHTML',
    `closed().append(new DOMParser().parseFromString('<iframe xmlns="http://www.w3.org/1999/xhtml" '+A+'="'+V+'"/>','application/xhtml+xml').documentElement)`,
  ),
  byScript(
    'adoption of parsed XHTML with entities',
    `var text=V.replaceAll('&lt;','&#38;#60;').replaceAll("'",'&#39;');closed().append(...new DOMParser().parseFromString('<!DOCTYPE r [<!ENTITY e "<iframe xmlns=&#39;http://www.w3.org/1999/xhtml&#39; src&#100;oc=&#39;'+text.replaceAll('&#39;','&#38;#39;')+'&#39;/>">]><r>&e;</r>','application/xhtml+xml').documentElement.childNodes)`,
  ),
  byScript(
    'XSLT',
    `var S='http://www.w3.org/1999/XSL/Transform',x=document.implementation.createDocument(S,'xsl:stylesheet'),m=x.createElementNS(S,'xsl:template'),e=x.createElementNS(S,'xsl:element'),a=x.createElementNS(S,'xsl:attribute');
    x.documentElement.setAttribute('version','1.0');m.setAttribute('match','/');e.setAttribute('name','iframe');e.setAttribute('namespace','http://www.w3.org/1999/xhtml');a.setAttribute('name',A);a.textContent=N;e.append(a);m.append(e);x.documentElement.append(m);
    var p=new XSLTProcessor();p.importStylesheet(x);closed().append(p.transformToFragment(document.implementation.createDocument('','x'),document))`,
  ),
  byScript(
    'a command of an editable document',
    "h.contentEditable='true';h.textContent='x';do{await new Promise(ok=>setTimeout(ok,20));h.focus();getSelection().selectAllChildren(h)}while(!document.execCommand('insertHTML',false,F))",
  ),
  byScript(
    'setHTMLUnsafe after the methods of the language were replaced',
    `String.prototype.slice=String.prototype.replace=function(){return ''+this};RegExp.prototype.exec=()=>null;RegExp.prototype[Symbol.replace]=s=>s;
    Reflect.apply=()=>null;Function.prototype.call=Function.prototype.apply=()=>null;h.setHTMLUnsafe(T)`,
  ),
  byScript(
    'a policy of its own',
    "var made=x=>trustedTypes.createPolicy(x,{createHTML:y=>y}).createHTML(T),html;try{html=made('x')}catch{html=made('default')}h.setHTMLUnsafe(html)",
  ),
  byScript(
    'what the policy approved for another place',
    'var policy=window.trustedTypes?.defaultPolicy;var f=frame();f[A]=policy?policy.createHTML(N):N;h.append(f)',
  ),
  byScript('a text that changes', "var n=0;h.setHTMLUnsafe({toString:()=>n++?'x':T})"),
];

/** Reaching into a frame that has no document: each of these must throw. */
export const REACHES: readonly string[] = [
  'f.contentWindow.RTCPeerConnection.name',
  "f.contentWindow.eval('1').toString()",
  'f.contentDocument.body.tagName',
  'f.contentWindow.document.body.tagName',
];

export function reachingPage(reach: string): string {
  return `${HEAD}<script>attempt(()=>{var f=frame();closed().append(f);top.postMessage('${RAN} as '+${reach},'*')})</script>`;
}
