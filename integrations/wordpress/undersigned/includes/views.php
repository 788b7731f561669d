<?php
/**
 * What readers see. Everything is escaped here, where it is written; nothing that the site says is HTML to us.
 *
 * @package Undersigned
 */

defined( 'ABSPATH' ) || exit;

const UNDERSIGNED_NUMBERS_FROM = 25; // As the site's own pages have it: a small number keeps people from being next.

/**
 * What a shortcode, a block or a pasted link shows.
 *
 * @param array $wanted With `statement`, `show` (card, form, count, events) and `via`.
 * @return string HTML; nothing for readers if there is nothing to show, a sentence for who can mend it.
 */
function undersigned_show( $wanted ) {
	$slug = undersigned_slug( isset( $wanted['statement'] ) ? $wanted['statement'] : '' );
	if ( '' === $slug ) {
		return undersigned_hint( __( 'Undersigned: name the statement by the end of its address, or by its whole address on the site of the settings.', 'undersigned' ) );
	}
	$statement = undersigned_statement( $slug );
	if ( null === $statement ) {
		return undersigned_hint( __( 'Undersigned: the site does not answer, or has no such statement.', 'undersigned' ) );
	}
	$via  = undersigned_via( isset( $wanted['via'] ) ? (string) $wanted['via'] : '' );
	$show = isset( $wanted['show'] ) ? (string) $wanted['show'] : 'card';
	wp_enqueue_style( 'undersigned' );
	switch ( $show ) {
		case 'form':
			return undersigned_form( $slug, $statement, $via );
		case 'count':
			return undersigned_count( $statement );
		case 'events':
			return undersigned_events( $slug );
		default:
			return undersigned_card( $statement, $via );
	}
}

/**
 * A sentence for those who can edit the page; readers see nothing.
 *
 * @param string $words The sentence.
 * @return string
 */
function undersigned_hint( $words ) {
	return current_user_can( 'edit_posts' ) ? '<p class="undersigned-hint">' . esc_html( $words ) . '</p>' : '';
}

/**
 * A source code as the site takes it, by which it tells how many came from here.
 *
 * @param string $typed What an editor typed.
 * @return string
 */
function undersigned_via( $typed ) {
	return preg_match( '/^[A-Za-z0-9_-]{1,32}$/', $typed ) ? $typed : 'wordpress';
}

/**
 * The card: who asks, the title, the number, one button. Nothing of it is loaded from the site by the reader.
 *
 * @param array  $statement As undersigned_statement tells it.
 * @param string $via       The source code.
 * @return string
 */
function undersigned_card( $statement, $via ) {
	$address = add_query_arg( 'via', $via, $statement['url'] );
	$label   = $statement['open'] ? __( 'Read and sign', 'undersigned' ) : __( 'Read it', 'undersigned' );
	$lang    = $statement['language'] ? ' lang="' . esc_attr( $statement['language'] ) . '" dir="auto"' : '';
	$html    = '<div class="undersigned-card">';
	if ( '' !== $statement['who'] ) {
		$html .= '<p class="undersigned-who">' . esc_html( $statement['who'] ) . '</p>';
	}
	$html .= '<p class="undersigned-title"' . $lang . '>' . esc_html( $statement['title'] ) . '</p>';
	if ( '' !== $statement['summary'] ) {
		$html .= '<p' . $lang . '>' . esc_html( $statement['summary'] ) . '</p>';
	}
	$words = undersigned_numbers( $statement );
	if ( '' !== $words ) {
		$html .= '<p class="undersigned-count">' . esc_html( $words ) . '</p>';
	}
	if ( $statement['open'] && $statement['goal'] && $statement['signatures'] >= UNDERSIGNED_NUMBERS_FROM ) {
		$html .= sprintf(
			'<progress value="%d" max="%d" aria-label="%s"></progress>',
			min( $statement['signatures'], $statement['goal'] ),
			$statement['goal'],
			esc_attr__( 'Progress to the goal', 'undersigned' )
		);
	}
	$html .= '<p><a class="undersigned-button wp-element-button" href="' . esc_url( $address ) . '">' . esc_html( $label );
	$html .= '<span class="screen-reader-text">: ' . esc_html( $statement['title'] ) . '</span></a></p></div>';
	return $html;
}

/**
 * The number in words; organisations are never added to people.
 *
 * @param array $statement As undersigned_statement tells it.
 * @return string Nothing while the site does not tell it; an invitation while it is small.
 */
function undersigned_numbers( $statement ) {
	if ( null === $statement['signatures'] ) {
		return '';
	}
	if ( $statement['signatures'] < UNDERSIGNED_NUMBERS_FROM ) {
		return $statement['open'] ? __( 'Be one of the first to sign', 'undersigned' ) : '';
	}
	/* translators: %s: number of people. */
	$people = sprintf( _n( '%s person', '%s people', $statement['signatures'], 'undersigned' ), number_format_i18n( $statement['signatures'] ) );
	if ( ! $statement['organisations'] ) {
		/* translators: %s: such as 1,284 people. */
		return sprintf( _n( '%s has signed', '%s have signed', $statement['signatures'], 'undersigned' ), $people );
	}
	/* translators: %s: number of organisations. */
	$groups = sprintf( _n( '%s organisation', '%s organisations', $statement['organisations'], 'undersigned' ), number_format_i18n( $statement['organisations'] ) );
	/* translators: 1: such as 1,284 people, 2: such as 12 organisations. */
	return sprintf( __( '%1$s and %2$s have signed', 'undersigned' ), $people, $groups );
}

/**
 * The number alone, to stand in a sentence.
 *
 * @param array $statement As undersigned_statement tells it.
 * @return string
 */
function undersigned_count( $statement ) {
	$words = undersigned_numbers( $statement );
	return '' === $words ? '' : '<span class="undersigned-count">' . esc_html( $words ) . '</span>';
}

/**
 * The form in a frame; on wish only after a click, until when a link to the page stands there.
 *
 * @param string $slug      The statement's slug.
 * @param array  $statement As undersigned_statement tells it.
 * @param string $via       The source code.
 * @return string
 */
function undersigned_form( $slug, $statement, $via ) {
	if ( ! $statement['open'] ) {
		return undersigned_card( $statement, $via );
	}
	$settings = undersigned_settings();
	$source   = $settings['site'] . '/embed/' . $slug . '/form/?via=' . $via;
	/* translators: %s: title of a statement. */
	$title = sprintf( __( 'Sign: %s', 'undersigned' ), $statement['title'] );
	wp_enqueue_script( 'undersigned' );
	if ( ! $settings['click'] ) {
		return sprintf(
			'<div class="undersigned-form"><iframe src="%s" title="%s" width="100%%" height="900" loading="lazy"></iframe></div>',
			esc_url( $source ),
			esc_attr( $title )
		);
	}
	/* translators: %s: address of a site. */
	$words = sprintf( __( 'The form is on %s. It is loaded when you press the button.', 'undersigned' ), $settings['site'] );
	$link  = add_query_arg( 'via', $via, $statement['url'] );
	return sprintf(
		'<div class="undersigned-form" data-undersigned-src="%s" data-undersigned-title="%s"><p class="undersigned-title">%s</p><p>%s</p><p><button type="button" class="undersigned-button wp-element-button" hidden>%s</button> <a href="%s">%s</a></p></div>',
		esc_url( $source ),
		esc_attr( $title ),
		esc_html( $statement['title'] ),
		esc_html( $words ),
		esc_html__( 'Show the form', 'undersigned' ),
		esc_url( $link . '#sign' ),
		esc_html__( 'Sign on its own page', 'undersigned' )
	);
}

/**
 * The events that are not over, the next first, in the time of the place.
 *
 * @param string $slug The statement's slug.
 * @return string
 */
function undersigned_events( $slug ) {
	$told  = undersigned_ask( '/api/v1/statements/' . $slug . '/events?limit=100' );
	$lines = '';
	foreach ( isset( $told['data'] ) && is_array( $told['data'] ) ? $told['data'] : array() as $event ) {
		$lines .= is_array( $event ) ? undersigned_event( $event ) : '';
	}
	if ( '' === $lines ) {
		return '<p class="undersigned-events">' . esc_html__( 'No events are planned at the moment.', 'undersigned' ) . '</p>';
	}
	return '<ul class="undersigned-events">' . $lines . '</ul>';
}

/**
 * One event as an item of the list; nothing if it is over or can't be read.
 *
 * @param array $event As the API tells it.
 * @return string
 */
function undersigned_event( $event ) {
	$title = undersigned_text( $event, 'title' );
	$begin = date_create( undersigned_text( $event, 'starts_at' ) );
	$end   = undersigned_text( $event, 'ends_at' );
	$end   = '' === $end ? $begin : date_create( $end );
	if ( '' === $title || ! $begin || ! $end || max( $begin, $end )->getTimestamp() < time() - HOUR_IN_SECONDS ) {
		return '';
	}
	$zone   = in_array( undersigned_text( $event, 'timezone' ), timezone_identifiers_list(), true ) ? new DateTimeZone( $event['timezone'] ) : wp_timezone();
	$format = get_option( 'date_format' ) . ( empty( $event['whole_days'] ) ? ' ' . get_option( 'time_format' ) : '' );
	$states = array(
		'cancelled' => __( 'Cancelled', 'undersigned' ),
		'postponed' => __( 'Postponed', 'undersigned' ),
	);
	$status = undersigned_text( $event, 'status' );
	$html   = '<li>';
	if ( isset( $states[ $status ] ) ) {
		$html .= '<strong>' . esc_html( $states[ $status ] ) . ':</strong> ';
	}
	$html .= '<a href="' . esc_url( undersigned_text( $event, 'url' ) ) . '">' . esc_html( $title ) . '</a>';
	$html .= ' <time datetime="' . esc_attr( $begin->format( 'c' ) ) . '">' . esc_html( wp_date( $format, $begin->getTimestamp(), $zone ) ) . '</time>';
	$where = undersigned_text( $event, 'venue' );
	return $html . ( '' === $where ? '' : ', ' . esc_html( $where ) ) . '</li>';
}
