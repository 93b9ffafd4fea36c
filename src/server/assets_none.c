/*
 * assets_none.c: the table of pages of a program that was built without them. The build leaves this file out when
 * build/web/assets.c is there.
 */
#include "server/server_internal.h"

const lw_asset lw_assets[1] = {{0}};
const size_t lw_asset_count = 0;
