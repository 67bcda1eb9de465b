// The bar at the top of every page: whose things are shown, on some pages which one of them, and the other pages.

import {byId, element} from './elements.js';
import {showSession} from './session.js';

const PAGES = [['./', 'Transforms'], ['intake.html', 'Intake'], ['registry.html', 'Registry'], ['/docs/', 'API']];

const bar = byId('bar');
bar.append(
    element('a', {className: 'brand', href: './', 'aria-label': 'Ponix transforms'},
        element('img', {src: 'icon.svg', alt: '', width: 24, height: 24}), element('span', {textContent: 'Ponix'})),
    picker('organization', 'Organization', 'picker'),
    ...(bar.dataset.chooses ? [picker(bar.dataset.chooses, bar.dataset.label, 'picker wide')] : []),
    element('nav', {}, ...PAGES
        .filter(([path]) => new URL(path, location).pathname !== location.pathname)
        .map(([path, title]) => element('a', {href: path, textContent: title}))));
showSession(bar.querySelector('nav'));

function picker(id, label, className) {
  return element('div', {className}, element('label', {htmlFor: id, textContent: label}), element('select', {id}));
}
