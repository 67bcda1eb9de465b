// The gateways of an organization, and what the messages of the chosen one mean.

import {call, callForAll} from './api.js';

const GATEWAYS = 'ponix.gateway.v1.GatewayService/';

/** The most that the list shows; others are reached by their id in the page's address. */
const LISTED = 500;

/** The presets: {name, expression}. */
export async function listPresets() {
  return callForAll('ponix.intake.v1.IntakeService/ListPresets', 'presets');
}

/** The gateways of an organization: {id, name, organizationId, preset, expression}. */
export async function listGateways(organizationId) {
  const page = await call(GATEWAYS + 'ListGateways', {organizationId, pageSize: LISTED});
  return (page.gateways ?? []).map(gateway);
}

export async function getGateway(id) {
  return gateway((await call(GATEWAYS + 'GetGateway', {gatewayId: id})).gateway);
}

/** Saves what its messages mean and returns the gateway as it is then. */
export async function saveGateway({id}, {preset, expression}) {
  const request = {gatewayId: id, ...(preset ? {intakePreset: preset} : {intakeExpression: expression})};
  return gateway((await call(GATEWAYS + 'UpdateGateway', request)).gateway);
}

function gateway({gatewayId, name, organizationId, intakePreset = '', intakeExpression = ''}) {
  return {id: gatewayId, name: name || gatewayId, organizationId, preset: intakePreset, expression: intakeExpression};
}
