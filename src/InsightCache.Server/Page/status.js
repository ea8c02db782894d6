// Refreshes the page's figures and draws their last minutes. Without it, the page shows the figures of when it was loaded.
'use strict';

const history = new Map();
const kept = 150;
let last = null;

function show(id, text) {
  const element = document.getElementById(id);
  if (element) {
    element.textContent = text;
  }
}

function draw(id, value) {
  const values = history.get(id) ?? [];
  values.push(value);
  values.splice(0, values.length - kept);
  history.set(id, values);
  const line = document.querySelector('#' + id + '-chart polyline');
  if (!line) {
    return;
  }

  const top = Math.max(...values, 1e-9);
  line.setAttribute('points', values.map((v, i) => (i * 100 / (kept - 1)).toFixed(2) + ',' + (29 - 28 * v / top).toFixed(2)).join(' '));
}

const whole = new Intl.NumberFormat('en');
const mebibytes = bytes => whole.format(Math.round(bytes / 1048576)) + ' MiB';

function take(status) {
  const lookups = last ? status.lookups - last.lookups : status.lookups;
  const hits = last ? status.hits - last.hits : status.hits;
  const seconds = last ? (status.at - last.at) / 1000 : 0;
  show('items', whole.format(status.items));
  show('clean', whole.format(status.itemsVotedClean));
  show('pending', whole.format(status.itemsPending));
  show('requests', whole.format(status.cacheRequests));
  show('updates', whole.format(status.updateRequests));
  show('ratio', status.lookups > 0 ? (100 * status.hits / status.lookups).toFixed(1) + ' %' : 'nothing asked yet');
  show('memory', mebibytes(status.memoryUsed) + ' of ' + mebibytes(status.memoryLimit));
  show('clients', whole.format(status.clients));
  show('leases', whole.format(status.leases) + ' given, ' + whole.format(status.waits) + ' waits');
  show('recalls', whole.format(status.recalls));
  draw('ratio', lookups > 0 ? hits / lookups : 0);
  draw('requests', seconds > 0 ? (status.cacheRequests - last.cacheRequests) / seconds : 0);
  draw('memory', status.memoryUsed);
  draw('clients', status.clients);
  draw('items', status.items);
  last = status;
}

async function refresh() {
  try {
    const answer = await fetch('/v1/status', { cache: 'no-store' });
    if (!answer.ok) {
      throw new Error('status ' + answer.status);
    }

    const status = await answer.json();
    status.at = Date.now();
    take(status);
    show('state', 'live');
  } catch (error) {
    show('state', 'the server does not answer (' + error.message + ')');
  }
}

refresh();
setInterval(refresh, 2000);
