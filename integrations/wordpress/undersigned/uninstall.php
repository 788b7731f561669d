<?php
/**
 * Taking the plugin away takes its settings and kept answers along.
 *
 * @package Undersigned
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

/**
 * What one site has of the plugin.
 */
function undersigned_forget() {
	global $wpdb;
	delete_option( 'undersigned' );
	foreach ( array( '_transient_undersigned_', '_transient_timeout_undersigned_' ) as $prefix ) {
		// phpcs:ignore WordPress.DB.DirectDatabaseQuery -- transients of unknown names have no other way.
		$wpdb->query( $wpdb->prepare( "DELETE FROM {$wpdb->options} WHERE option_name LIKE %s", $wpdb->esc_like( $prefix ) . '%' ) );
	}
}

if ( is_multisite() ) {
	foreach ( get_sites( array( 'fields' => 'ids', 'number' => 0 ) ) as $undersigned_site ) {
		switch_to_blog( $undersigned_site );
		undersigned_forget();
		restore_current_blog();
	}
} else {
	undersigned_forget();
}
