<?php
/**
 * Plugin Name:       Undersigned
 * Description:       Shows statements of an Undersigned site: a card, the form, the number of signatures, the events. Without cookies, and on wish without a request to that site before a click.
 * Version:           1.0.0
 * Requires at least: 6.3
 * Requires PHP:      7.4
 * Author:            The Undersigned authors
 * License:           MIT
 * License URI:       https://opensource.org/license/mit
 * Text Domain:       undersigned
 * Domain Path:       /languages
 *
 * @package Undersigned
 */

defined( 'ABSPATH' ) || exit;

define( 'UNDERSIGNED_VERSION', '1.0.0' );
define( 'UNDERSIGNED_FILE', __FILE__ );

require_once __DIR__ . '/includes/settings.php';
require_once __DIR__ . '/includes/client.php';
require_once __DIR__ . '/includes/views.php';
require_once __DIR__ . '/includes/places.php';
