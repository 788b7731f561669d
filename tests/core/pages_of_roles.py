"""Which roles open which staff page: A(dministrator), C(ampaigner), M(oderator), (a)U(ditor). Reviewed by hand."""

OPENED_BY = {
    "": """
        api_token_delete exchange_archive_delete exchange_import_delete exchange_farewell_delete
        exchange_pack_delete integrations_identity_add
        comments_commentsubmission_add comments_commentsubmission_change comments_commentsubmission_delete
        comments_commentsubmission_history organisations_endorsementsubmission_add
        petitions_attendance_add petitions_attendancesubmission_add petitions_attendancesubmission_change
        petitions_attendancesubmission_delete petitions_attendancesubmission_history
        organisations_endorsementsubmission_change organisations_endorsementsubmission_delete
        organisations_endorsementsubmission_history drafts here
        autocomplete comments_comment_add comments_comment_delete comments_siterules_add comments_siterules_delete
        comments_thread_add comments_thread_delete
        core_auditentry_add core_auditentry_delete integrations_webhookevent_add integrations_webhookevent_delete
        mail_outgoingemail_add
        mail_outgoingemail_delete mail_outgoingrequest_add mail_outgoingrequest_delete
        organisations_endorsement_add organisations_endorsement_delete
        organisations_organisation_add organisations_organisation_delete petitions_rule_delete
        petitions_signature_add petitions_signature_delete petitions_signaturesubmission_add
        petitions_signaturesubmission_change petitions_signaturesubmission_delete
        petitions_signaturesubmission_history petitions_statement_delete
        publishers_publisher_delete view_on_site
    """,
    "A": """
        api_token_add joint joint_statement joint_contacts publishers_publisher_add
        publishers_membership_add publishers_membership_delete
        exchange_archive_add exchange_archive_download exchange_archive_leave exchange_archive_read
        exchange_archive_resume
        exchange_archive_stop
        integrations_identity_delete
        core_redirect_add core_redirect_change core_redirect_changelist core_redirect_delete core_redirect_history
        auth_group_add auth_group_change auth_group_changelist auth_group_delete auth_group_history auth_user_add
        auth_user_change auth_user_changelist auth_user_delete auth_user_history auth_user_password_change
        integrations_actor_add integrations_actor_delete
        integrations_endpoint_add integrations_endpoint_delete
        integrations_newsletter_add integrations_newsletter_delete
        integrations_newsletter_try integrations_newsletter_start integrations_newsletter_pause
        integrations_newsletter_off integrations_notice_add integrations_notice_delete
        mail_allowedhost_add mail_allowedhost_delete organisations_motion_delete
        petitions_assignment_add petitions_assignment_delete
        petitions_statement_export/contacts set_up_test_mail
        organisations_motion_delete petitions_assignment_add petitions_assignment_delete
        people people_line people_person petitions_statement_export/contacts set_up_test_mail
        ground tell_of_notice
    """,
    "AC": """
        petitions_attendance_changelist petitions_attendance_change petitions_attendance_delete
        petitions_attendance_history petitions_attendancesubmission_changelist
        petitions_event_coming petitions_event_coming_csv petitions_event_repeat
        exchange_farewell_add exchange_farewell_download exchange_farewell_resume exchange_farewell_stop
        exchange_pack_add exchange_pack_download exchange_pack_resume exchange_pack_stop
        exchange_import_add exchange_import_publish exchange_import_resume exchange_import_start exchange_import_stop
        exchange_import_undo
        organisations_motion_add petitions_event_add petitions_event_delete petitions_event_tell
        petitions_meeting_delete petitions_sheet_add petitions_sheet_delete petitions_statement_add
        petitions_statement_calls petitions_statement_notable petitions_statement_together
        petitions_statement_calls petitions_statement_notable petitions_statement_ask_again
        petitions_statement_close petitions_statement_correct petitions_statement_hand_in
        petitions_statement_export petitions_statement_outcome petitions_statement_publish petitions_statement_reopen
        petitions_statement_schedule petitions_update_add petitions_update_delete petitions_update_mail
        petitions_update_mail_html petitions_update_mail_count petitions_savedtext_add petitions_savedtext_delete
        publishers_page_add publishers_page_delete
    """,
    "ACM": """
        comments_comment_reply organisations_endorsement_arrange organisations_endorsement_enter
        organisations_endorsement_undo petitions_meeting_add
        petitions_statement_hide petitions_statement_unhide
    """,
    "ACMU": """
        comments_commentsubmission_changelist organisations_endorsementsubmission_changelist
        app_list comments_comment_change comments_comment_changelist comments_comment_history
        comments_siterules_changelist comments_thread_change comments_thread_changelist comments_thread_history
        index keys organisations_endorsement_change organisations_endorsement_changelist
        organisations_endorsement_history organisations_endorsement_logo organisations_motion_change
        organisations_motion_changelist organisations_motion_history organisations_organisation_change
        organisations_organisation_changelist organisations_organisation_history password_change
        password_change_done petitions_event_change petitions_event_changelist petitions_event_history
        petitions_meeting_change petitions_meeting_changelist petitions_meeting_history petitions_meeting_poster
        petitions_savedtext_change petitions_savedtext_changelist petitions_savedtext_history
        petitions_sheet_change petitions_sheet_changelist petitions_sheet_history petitions_signature_change
        petitions_signature_changelist petitions_signature_history petitions_signaturesubmission_changelist
        petitions_statement_change petitions_statement_changelist petitions_statement_history
        petitions_statement_overview petitions_statement_numbers petitions_statement_places petitions_statement_preview
        petitions_statement_settings
        petitions_statement_preview/all petitions_statement_preview/card petitions_update_change
        petitions_update_changelist petitions_update_history second_factor second_factor_enrol
    """,
    "ACU": """
        petitions_assignment_change petitions_assignment_changelist petitions_assignment_history publishers_page_change
        publishers_page_changelist publishers_page_history publishers_publisher_change
        publishers_publisher_changelist publishers_publisher_history publishers_publisher_preview
        exchange_farewell_change exchange_farewell_changelist exchange_farewell_history
        exchange_pack_change exchange_pack_changelist exchange_pack_history
        exchange_import_change exchange_import_changelist exchange_import_history exchange_import_rejected
        petitions_assignment_change petitions_assignment_changelist petitions_assignment_history
        petitions_statement_team
    """,
    "AM": """
        comments_comment_choose comments_comment_leave_out
        comments_comment_approve comments_comment_bin comments_comment_decline comments_comment_edit
        comments_comment_keep comments_comment_preferences comments_comment_spam comments_comment_unapprove
        comments_comment_undo petitions_rule_add petitions_rule_stop petitions_rule_undo petitions_signature_undo
    """,
    "AMU": """
        mail_outgoingemail_change mail_outgoingemail_changelist mail_outgoingemail_history petitions_rule_change
        petitions_rule_changelist petitions_rule_history
    """,
    "AU": """
        publishers_membership_change publishers_membership_changelist publishers_membership_history
        api_token_change api_token_changelist api_token_history
        exchange_archive_change exchange_archive_changelist exchange_archive_history
        comments_siterules_change comments_siterules_history core_auditentry_change core_auditentry_changelist
        core_auditentry_history integrations_endpoint_change integrations_endpoint_changelist
        integrations_newsletter_change integrations_newsletter_changelist integrations_newsletter_history
        integrations_actor_change integrations_actor_changelist integrations_actor_history
        integrations_notice_change integrations_notice_changelist integrations_notice_history
        integrations_identity_change integrations_identity_changelist integrations_identity_history
        integrations_endpoint_history integrations_webhookevent_change integrations_webhookevent_changelist
        document document_pdf documents
        integrations_webhookevent_history mail_allowedhost_change mail_allowedhost_changelist mail_allowedhost_history
        mail_outgoingrequest_change mail_outgoingrequest_changelist mail_outgoingrequest_history set_up switches
    """,
}

PAGES = {name: letters for letters, names in OPENED_BY.items() for name in names.split()}
