<?php
/**
 * Asking the site: from this server, kept in a transient, never longer than a few seconds, and never twice at once after
 * a failure.
 *
 * @package Undersigned
 */

defined( 'ABSPATH' ) || exit;

const UNDERSIGNED_LARGEST = 1048576; // Bytes of an answer.
const UNDERSIGNED_SECONDS = 4;       // A page that waits longer is worse than one without a number.

/**
 * What a path of the site answers, as an array.
 *
 * Fresh answers are kept for the minutes of the settings. If the site does not answer, the last good answer is shown for
 * up to a day, and the site is left in peace for a minute.
 *
 * @param string $path From the root of the site, such as /api/v1/statements/x.
 * @return array|null Null if there never was a readable answer.
 */
function undersigned_ask( $path ) {
	$settings = undersigned_settings();
	if ( '' === $settings['site'] ) {
		return null;
	}
	$address = $settings['site'] . $path;
	$key     = 'undersigned_' . md5( $address );
	$kept    = get_transient( $key );
	$kept    = is_array( $kept ) && isset( $kept['until'] ) ? $kept : null;
	if ( $kept && $kept['until'] > time() ) {
		return $kept['data'];
	}
	$data  = undersigned_fetch( $address );
	$until = time() + ( null === $data ? MINUTE_IN_SECONDS : $settings['minutes'] * MINUTE_IN_SECONDS );
	if ( null === $data && $kept ) {
		$data = $kept['data'];
	}
	set_transient(
		$key,
		array(
			'until' => $until,
			'data'  => $data,
		),
		DAY_IN_SECONDS
	);
	return $data;
}

/**
 * One request. An answer that is no JSON object, or says an error, is none.
 *
 * @param string $address The whole address.
 * @return array|null
 */
function undersigned_fetch( $address ) {
	$answer = wp_remote_get(
		$address,
		array(
			'timeout'             => UNDERSIGNED_SECONDS,
			'redirection'         => 2,
			'limit_response_size' => UNDERSIGNED_LARGEST,
			'headers'             => array( 'Accept' => 'application/json' ),
			'user-agent'          => 'Undersigned for WordPress/' . UNDERSIGNED_VERSION,
		)
	);
	if ( is_wp_error( $answer ) || 200 !== (int) wp_remote_retrieve_response_code( $answer ) ) {
		return null;
	}
	$data = json_decode( wp_remote_retrieve_body( $answer ), true );
	return is_array( $data ) ? $data : null;
}

/**
 * A statement's slug from what an editor typed: the slug itself, or the address of its page on the site.
 *
 * @param string $typed A slug or an address.
 * @return string Nothing for an address of another site.
 */
function undersigned_slug( $typed ) {
	$typed = trim( (string) $typed );
	if ( false !== strpos( $typed, '://' ) ) {
		$site = undersigned_settings()['site'];
		$path = (string) wp_parse_url( $typed, PHP_URL_PATH );
		if ( '' === $site || undersigned_origin( $typed ) !== $site || ! preg_match( '#/statements/([-\w]+)/?$#', $path, $found ) ) {
			return '';
		}
		$typed = $found[1];
	}
	return preg_match( '/^[-A-Za-z0-9_]{1,80}$/', $typed ) ? $typed : '';
}

/**
 * The statement as the API tells it; where a site keeps its API closed, what oEmbed tells.
 *
 * @param string $slug The statement's slug.
 * @return array|null With title, url, summary, who, open, signatures, organisations, goal; null if nothing is known.
 */
function undersigned_statement( $slug ) {
	$told = undersigned_ask( '/api/v1/statements/' . $slug );
	if ( $told && isset( $told['title'], $told['url'] ) ) {
		$numbers = isset( $told['numbers'] ) && is_array( $told['numbers'] ) ? $told['numbers'] : array();
		return array(
			'title'         => undersigned_text( $told, 'title' ),
			'url'           => undersigned_text( $told, 'url' ),
			'summary'       => undersigned_text( $told, 'summary' ),
			'language'      => undersigned_text( $told, 'language' ),
			'who'           => isset( $told['publisher'] ) && is_array( $told['publisher'] ) ? undersigned_text( $told['publisher'], 'name' ) : '',
			'open'          => ! empty( $told['open'] ),
			'signatures'    => undersigned_number( $numbers, 'signatures' ),
			'organisations' => undersigned_number( $numbers, 'organisations' ),
			'goal'          => undersigned_number( $numbers, 'goal' ),
		);
	}
	$page = undersigned_settings()['site'] . '/statements/' . $slug . '/';
	$told = undersigned_ask( '/oembed/?format=json&url=' . rawurlencode( $page ) );
	if ( ! $told || ! isset( $told['title'] ) ) {
		return null;
	}
	return array(
		'title'         => undersigned_text( $told, 'title' ),
		'url'           => $page,
		'summary'       => '',
		'language'      => '',
		'who'           => undersigned_text( $told, 'author_name' ),
		'open'          => true,
		'signatures'    => null,
		'organisations' => null,
		'goal'          => null,
	);
}

/**
 * A text of an answer, or an empty one.
 *
 * @param array  $told An answer.
 * @param string $name Its key.
 * @return string
 */
function undersigned_text( $told, $name ) {
	return isset( $told[ $name ] ) && is_string( $told[ $name ] ) ? $told[ $name ] : '';
}

/**
 * A number of an answer; null where it is not told.
 *
 * @param array  $told An answer.
 * @param string $name Its key.
 * @return int|null
 */
function undersigned_number( $told, $name ) {
	return isset( $told[ $name ] ) && is_int( $told[ $name ] ) && $told[ $name ] >= 0 ? $told[ $name ] : null;
}
